/** A client that proves by DPoP which key it holds, for tests over HTTP. */
import { createHash } from 'node:crypto'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose'
import {
  type Answer,
  type AskedFor,
  authorize,
  post,
  type Registered,
  redirectUri,
  register,
  type Tokens,
} from './oauth-client.ts'
import type { TestServer } from './server.ts'

export interface DpopKey {
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
  readonly privateJwk: JWK
  readonly jkt: string
}

export async function newDpopKey(alg = 'ES256'): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const privateJwk = await exportJWK(privateKey)
  return { alg, privateKey, publicJwk, privateJwk, jkt: await calculateJwkThumbprint(publicJwk) }
}

export interface ProofOf {
  readonly method?: string
  readonly url: string
  /** The token that the proof goes with. */
  readonly accessToken?: string
  /** What a test wants otherwise; an undefined one is left out. */
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly signedBy?: CryptoKey | Uint8Array
}

export function proofOf(key: DpopKey, of: ProofOf): Promise<string> {
  const { method = 'POST', url, accessToken, claims = {}, header = {} } = of
  const said = {
    jti: crypto.randomUUID(),
    htm: method,
    htu: url,
    iat: Math.floor(Date.now() / 1000),
    ...(accessToken === undefined ? {} : { ath: athOf(accessToken) }),
    ...claims,
  }
  const headers = { typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk, ...header }
  return new SignJWT(present(said))
    .setProtectedHeader(present(headers) as { alg: string })
    .sign(of.signedBy ?? key.privateKey)
}

export function athOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('base64url')
}

function present(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

export interface BoundTokens extends Tokens {
  readonly token_type: string
}

/** Posts to the token endpoint with this proof, or with none. */
export function postToken(
  server: Pick<TestServer, 'url'>,
  form: Record<string, string>,
  proof: string | undefined,
): Promise<Answer<BoundTokens & { error?: string; error_description?: string }>> {
  const headers = proof === undefined ? {} : { dpop: proof }
  return post(server, '/oauth/token', { form, headers })
}

export interface Redeemable {
  readonly client: Registered
  readonly form: Record<string, string>
}

/** A code that waits to be redeemed, as the form of the token request. */
export async function approvedCode(
  server: Pick<TestServer, 'url' | 'person'>,
  client: Registered,
  parameters: AskedFor = {},
): Promise<Redeemable> {
  const { code, pkce } = await authorize(server, client, parameters)
  const form = {
    grant_type: 'authorization_code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    code,
    code_verifier: pkce.verifier,
  }
  return { client, form }
}

/** Registers a public client and takes it to tokens that are bound to this key. */
export async function connectBound(
  server: Pick<TestServer, 'url' | 'person'>,
  key: DpopKey,
  parameters: AskedFor = {},
) {
  const client = await register(server)
  const { form } = await approvedCode(server, client, parameters)
  const url = `${server.url}/oauth/token`
  const { body } = await postToken(server, form, await proofOf(key, { url }))
  return { client, tokens: body }
}

/** How every 401 ends that was not about a DPoP token: the other scheme that is good there. */
export const dpopOffered = ', DPoP algs="RS256 PS256 ES256 EdDSA Ed25519"'
