/**
 * What GitHub says of a person. It speaks OAuth 2.0 and has no ID token, so the person is whoever
 * the access token, fresh from the code, belongs to; the number is theirs for ever, the name is not.
 *
 * @see [RFC 6749 §4.1.3 - Access Token Request](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.3)
 */
import * as oauth from 'oauth4webapi'
import type { UpstreamPerson } from './upstream.ts'
import type { UpstreamServer } from './upstream-server.ts'

const publicIssuer = 'https://github.com'

/** @throws {Error} when what GitHub answers proves nothing */
export async function githubPerson(
  { server, client, options }: UpstreamServer,
  response: Response,
): Promise<UpstreamPerson> {
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response)
  const ask = async (path: string): Promise<unknown> => {
    const url = new URL(`${apiOf(server.issuer)}${path}`)
    const headers = new Headers({ accept: 'application/vnd.github+json' })
    const token = tokens.access_token
    const answer = await oauth.protectedResourceRequest(token, 'GET', url, headers, null, options)
    if (!answer.ok) throw new Error(`GitHub answered ${path} with ${answer.status}`)
    return answer.json()
  }
  const user = (await ask('/user')) as { id?: unknown; login?: unknown; name?: unknown } | null
  const { id, login, name } = user ?? {}
  if (!Number.isSafeInteger(id)) throw new Error('GitHub gave no user id')
  const username = typeof login === 'string' ? login : ''
  const verifiedEmail = primaryEmail(await ask('/user/emails'))
  return {
    issuer: server.issuer,
    subject: String(id),
    name: typeof name === 'string' && name !== '' ? name : username,
    label: username || String(id),
    ...(verifiedEmail === undefined ? {} : { verifiedEmail }),
  }
}

function apiOf(issuer: string): string {
  return issuer === publicIssuer ? 'https://api.github.com' : `${issuer}/api/v3`
}

function primaryEmail(emails: unknown): string | undefined {
  const list = (Array.isArray(emails) ? emails : []) as Record<string, unknown>[]
  const found = list.find(({ primary, verified }) => primary === true && verified === true)
  return typeof found?.email === 'string' ? found.email : undefined
}
