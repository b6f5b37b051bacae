/**
 * An OAuth server as its clients know it, with what a benchmark needs to have there already: a
 * person with a session, and clients that this person has consented to, each with live tokens.
 */
import { createHash, randomBytes } from 'node:crypto'

/** Nobody goes there: the code is read from the redirect. */
export const redirectUri = 'https://client.example.com/callback'

export interface Endpoints {
  readonly authorize: string
  readonly token: string
  readonly introspect: string
  readonly revoke: string
  readonly register: string
}

export interface Client {
  readonly id: string
  readonly secret: string
}

/** One client with its tokens; the refresh token moves on with each rotation. */
export interface Actor extends Client {
  accessToken: string
  refreshToken: string
  readonly jwt?: string
}

export interface Party {
  readonly url: string
  readonly endpoints: Endpoints
  /** The session of the person, as a browser sends it. */
  readonly cookie: string
  readonly actors: readonly Actor[]
  /** What an authorization request asks for beside the usual. */
  readonly asked: Readonly<Record<string, string>>
  /** What a token request for client credentials asks for. */
  readonly askedForItself: Readonly<Record<string, string>>
  /** What a registration says; the number makes each one different. */
  registration(number: number): { headers: Record<string, string>; metadata: object }
}

export function basic({ id, secret }: Client): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

export interface Pkce {
  readonly verifier: string
  readonly challenge: string
}

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

export function authorizationPath(
  { endpoints }: Pick<Party, 'endpoints'>,
  asked: Readonly<Record<string, string>> & { client_id: string; code_challenge: string },
): string {
  const query = new URLSearchParams({
    response_type: 'code',
    redirect_uri: redirectUri,
    code_challenge_method: 'S256',
    state: 'a-state-of-the-benchmark',
    ...asked,
  })
  return `${endpoints.authorize}?${query}`
}
