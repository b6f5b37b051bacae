/** Tokens that people make for themselves, as their own client asks for them. */
import { newId } from '../../src/domain/ids.ts'
import { createApiToken } from '../../src/protocol/tokens/api-tokens.ts'
import { connect } from './oauth-client.ts'
import type { TestServer } from './server.ts'

export interface ShownToken {
  readonly id: string
  readonly token: string
  readonly name: string
  readonly last_four: string
  readonly expires_at: string | null
  readonly last_used_at: string | null
  readonly last_used_from: string | null
  readonly leaked_at: string | null
  readonly [field: string]: unknown
}

export interface Reply<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T & { readonly error?: string; readonly message?: string }
}

export async function call<T = Record<string, unknown>>(
  { url }: Pick<TestServer, 'url'>,
  path: string,
  options: { method?: string; token?: string | undefined; body?: unknown } = {},
): Promise<Reply<T>> {
  const { method = 'GET', token, body } = options
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const { status, headers } = response
  return { status, headers, body: text === '' ? {} : JSON.parse(text) }
}

/** An access token with which a person's client looks after that person's API tokens. */
export async function managingToken(server: TestServer, person = server.person()): Promise<string> {
  const resource = `${server.url}/api/tokens`
  const { tokens } = await connect(server, { resource, scope: 'tokens:manage' }, person)
  return tokens.access_token
}

/** Makes one past the endpoint, for tests of what it opens. */
export async function giveApiToken(
  { services }: TestServer,
  wish: { userId: string; scopes: string[]; resource?: string; lifetimeSeconds?: number },
): Promise<{ id: string; token: string }> {
  const [first] = services.settings.resources
  const asked = { resource: first?.resource ?? '', name: 'A token', description: '', ...wish }
  const cause = { actor: `user:${wish.userId}`, correlationId: newId('cor') }
  const made = await createApiToken(services, asked, cause)
  if (made.outcome === 'refused') throw new Error(`Cannot make an API token: ${made.reason}`)
  return { id: made.apiTokenId, token: made.token }
}
