/** A client that proves who it is by what it signs, for tests over HTTP. */
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose'
import { type Registered, register } from './oauth-client.ts'
import type { TestServer } from './server.ts'

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export interface SigningClient extends Registered {
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
  readonly alg: string
}

export interface TestKey {
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export async function newKey(alg: string, kid = `key ${alg}`): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid } }
}

/** Registers a client with a new key of this algorithm. */
export async function registerSigning(
  server: Pick<TestServer, 'url'>,
  alg: string,
  metadata: Record<string, unknown> = {},
): Promise<SigningClient> {
  const key = await newKey(alg)
  const registered = await register(server, {
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [key.publicJwk] },
    ...metadata,
  })
  return { ...registered, ...key, alg }
}

export interface AssertionChanges {
  readonly claims?: JWTPayload & Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly key?: CryptoKey | Uint8Array
}

/** What such a client sends; a claim or a header that is undefined is left out. */
export async function assertionOf(
  { url }: Pick<TestServer, 'url'>,
  client: Pick<SigningClient, 'client_id' | 'privateKey' | 'alg'>,
  { claims = {}, header = {}, key = client.privateKey }: AssertionChanges = {},
): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000)
  const said = {
    iss: client.client_id,
    sub: client.client_id,
    aud: url,
    iat: now,
    exp: now + 60,
    jti: crypto.randomUUID(),
    ...claims,
  }
  const present = Object.entries(said).filter(([, value]) => value !== undefined)
  const assertion = await new SignJWT(Object.fromEntries(present) as JWTPayload)
    .setProtectedHeader({ alg: client.alg, ...header })
    .sign(key)
  return { client_assertion_type: assertionType, client_assertion: assertion }
}
