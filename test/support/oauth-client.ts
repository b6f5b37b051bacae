/** A client in a few lines, for tests that look at the protocol itself. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { TestServer } from './server.ts'

export interface Registered {
  readonly client_id: string
  readonly client_secret?: string
  readonly [field: string]: unknown
}

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly scope: string
  readonly expires_in: number
  readonly id_token?: string
}

export interface Answer<T> {
  readonly status: number
  readonly body: T
  readonly headers: Headers
}

export const redirectUri = 'http://127.0.0.1:9999/callback'

/** A client of its own, though it is public: no other one sends the same. */
export async function register(
  { url }: Pick<TestServer, 'url'>,
  metadata: Record<string, unknown> = {},
): Promise<Registered> {
  const response = await fetch(`${url}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Test client',
      redirect_uris: [redirectUri],
      software_id: randomUUID(),
      token_endpoint_auth_method: 'none',
      ...metadata,
    }),
  })
  return (await response.json()) as Registered
}

export interface Pkce {
  readonly verifier: string
  readonly challenge: string
}

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** `undefined` leaves a parameter out; a list sends it several times. */
export type AskedFor = Record<string, string | readonly string[] | undefined>

export function authorizationUrl(
  { url }: Pick<TestServer, 'url'>,
  clientId: string,
  parameters: AskedFor = {},
): string {
  const all: AskedFor = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    code_challenge: newPkce().challenge,
    code_challenge_method: 'S256',
    state: 'a state',
    ...parameters,
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(all)) {
    for (const one of value === undefined ? [] : [value].flat()) query.append(name, one)
  }
  return `${url}/oauth/authorize?${query}`
}

export async function post<T = Record<string, unknown>>(
  { url }: Pick<TestServer, 'url'>,
  path: string,
  { form, headers = {} }: { form: Record<string, string>; headers?: Record<string, string> },
): Promise<Answer<T>> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  })
  const { status } = response
  return { status, headers: response.headers, body: (await response.json()) as T }
}

export interface Connected {
  readonly client: Registered
  readonly tokens: Tokens
  readonly code: string
  readonly pkce: Pkce
}

/** Registers a public client and takes it to its first tokens. */
export async function connect(
  server: Pick<TestServer, 'url' | 'person'>,
  parameters: AskedFor = {},
  person = server.person(),
): Promise<Connected> {
  const client = await register(server)
  const pkce = newPkce()
  const asked = { code_challenge: pkce.challenge, ...parameters }
  const back = await person.answer(authorizationUrl(server, client.client_id, asked))
  const code = back.searchParams.get('code') ?? ''
  const answer = await redeem(server, { client, code, pkce })
  return { client, tokens: answer.body, code, pkce }
}

/** How a client proves who it is, by what its registration was answered with. */
export function proofOf(client: Registered): {
  form: Record<string, string>
  headers: Record<string, string>
} {
  const { client_id, client_secret = '', token_endpoint_auth_method: method } = client
  if (method === 'client_secret_basic') {
    return { form: {}, headers: { authorization: basic(client_id, client_secret) } }
  }
  const form = { client_id, ...(method === 'client_secret_post' ? { client_secret } : {}) }
  return { form, headers: {} }
}

export function redeem(
  server: Pick<TestServer, 'url'>,
  { client, code, pkce }: Pick<Connected, 'client' | 'code' | 'pkce'>,
): Promise<Answer<Tokens>> {
  const { form, headers } = proofOf(client)
  return post<Tokens>(server, '/oauth/token', {
    form: {
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      code,
      code_verifier: pkce.verifier,
      ...form,
    },
    headers,
  })
}

export function refresh(
  server: Pick<TestServer, 'url'>,
  { client, refreshToken }: { client: Registered; refreshToken: string },
): Promise<Answer<Tokens>> {
  const { form, headers } = proofOf(client)
  return post<Tokens>(server, '/oauth/token', {
    form: { grant_type: 'refresh_token', refresh_token: refreshToken, ...form },
    headers,
  })
}

/** Whether a token still opens something: the userinfo endpoint, by its own check. */
export async function isLive({ url }: Pick<TestServer, 'url'>, accessToken: string) {
  const headers = { authorization: `Bearer ${accessToken}` }
  const response = await fetch(`${url}/oauth/userinfo`, { headers })
  // 403 says that the token is good and lacks `openid`; 401 that it is not good.
  return response.status !== 401
}

/** HTTP Basic credentials, form-encoded as RFC 6749 §2.3.1 wants them, or as they are. */
export function basic(id: string, secret: string, encode = (text: string) => text): string {
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`
}

/** Asks about a token as this confidential client. */
export function introspect(
  server: Pick<TestServer, 'url'>,
  { client, token }: { client: Registered; token: string },
): Promise<Answer<Record<string, unknown>>> {
  const authorization = basic(client.client_id, client.client_secret ?? '')
  return post(server, '/oauth/introspect', { form: { token }, headers: { authorization } })
}

export interface Authorized {
  readonly client: Registered
  readonly code: string
  readonly pkce: Pkce
  /** Where the browser was sent. */
  readonly back: URL
}

/** Takes a client that is registered already to a code. */
export async function authorize(
  server: Pick<TestServer, 'url' | 'person'>,
  client: Registered,
  parameters: AskedFor = {},
): Promise<Authorized> {
  const pkce = newPkce()
  const asked = { code_challenge: pkce.challenge, ...parameters }
  const back = await server.person().answer(authorizationUrl(server, client.client_id, asked))
  return { client, pkce, back, code: back.searchParams.get('code') ?? '' }
}

/** Every event in the log, oldest first. */
export async function eventsOf({ services }: Pick<TestServer, 'services'>, ...types: string[]) {
  // The key for ID tokens is made in the background; what is compared comes after it.
  await services.signer.ensure('RS256')
  const query = types.length > 0 ? { types } : {}
  const events = []
  for await (const event of services.log.replay(query)) events.push(event)
  return events
}
