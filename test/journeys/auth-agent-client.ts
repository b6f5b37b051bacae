/** A public client of Auth Agent, at the endpoints of one version or the other. */

import type { Credentials } from '../../src/cli/demo-person.ts'
import {
  type Answer,
  type AskedFor,
  authorizationUrl,
  newPkce,
  post,
  type Registered,
  redirectUri,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import type { TestServer } from '../support/server.ts'

type Answered = Promise<Answer<Tokens & { error?: string }>>

export interface Agent {
  authorize(asked: AskedFor): Promise<{ code: string; verifier: string }>
  exchange(code: string, verifier: string): Answered
  connect(asked: AskedFor): Promise<Tokens>
  refresh(refreshToken: string, more?: Record<string, string>): Answered
  /** What the authorization endpoint sends back in the place of a page. */
  errorOf(asked: AskedFor): Promise<string | null>
}

/** @param prefix what its paths begin with: `/oauth2`, or nothing */
export async function agentOf(
  server: TestServer,
  prefix: string,
  { client, person }: { client?: Registered; person?: Credentials } = {},
): Promise<Agent> {
  // At a path of neither version, so that no limit of theirs counts it.
  const { client_id } = client ?? (await register(server))
  const urlFor = (asked: AskedFor) =>
    authorizationUrl(server, client_id, asked).replace('/oauth/', `${prefix}/`)
  const token = (form: Record<string, string>): Answered =>
    post(server, `${prefix}/token`, { form: { client_id, ...form } })
  const agent: Agent = {
    async authorize(asked) {
      const { verifier, challenge } = newPkce()
      const url = urlFor({ code_challenge: challenge, ...asked })
      const back = await server.person(person).answer(url)
      return { code: back.searchParams.get('code') ?? '', verifier }
    },
    exchange(code, code_verifier) {
      const grant = { grant_type: 'authorization_code', redirect_uri: redirectUri }
      return token({ ...grant, code, code_verifier })
    },
    async connect(asked) {
      const { code, verifier } = await agent.authorize(asked)
      return (await agent.exchange(code, verifier)).body
    },
    refresh: (refresh_token, more = {}) =>
      token({ grant_type: 'refresh_token', refresh_token, ...more }),
    async errorOf(asked) {
      const { headers } = await fetch(urlFor(asked), { redirect: 'manual' })
      return new URL(headers.get('location') ?? '', server.url).searchParams.get('error')
    },
  }
  return agent
}
