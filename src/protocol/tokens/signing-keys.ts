/**
 * Signing and checking JWTs with the server's own keys, and the JWK set in which others find
 * them. The private half leaves the vault only into this process's memory; how keys come and go
 * is in key-rotation.ts.
 *
 * @see [RFC 7517 §5 - JWK Set Format](https://www.rfc-editor.org/rfc/rfc7517.html#section-5)
 * @see [RFC 7518 §3.1 - Algorithms](https://www.rfc-editor.org/rfc/rfc7518.html#section-3.1)
 */
import {
  type CryptoKey,
  createLocalJWKSet,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'
import { type SigningAlgorithm, signingAlgorithms } from '../../domain/signing-key.ts'
import { listSigningKeys, type SigningKey } from '../../projections/signing-keys.ts'
import type { Services } from '../services.ts'
import { ensureKey } from './key-rotation.ts'

export interface Signer {
  /** Makes the key of this algorithm if there is none; safe to call again. */
  ensure(algorithm: SigningAlgorithm): Promise<void>
  sign(claims: JWTPayload, header: { alg: SigningAlgorithm; typ: string }): Promise<string>
  /** The claims of a JWT that this server signed, of this type and not expired; else undefined. */
  verify(jwt: string, expected: ExpectedJwt): Promise<JWTPayload | undefined>
  /** Public keys, as the JWK set shows them: some of every algorithm. */
  publicKeys(): Promise<JWK[]>
}

export interface ExpectedJwt {
  readonly typ: string
  readonly issuer: string
  readonly acceptExpired?: true
}

type Parts = Pick<Services, 'log' | 'reader' | 'secrets' | 'now'>

export class LogSigner implements Signer {
  readonly #parts: Parts
  /** One of an algorithm: the one that signs. */
  readonly #privateKeys = new Map<SigningAlgorithm, { keyId: string; privateKey: CryptoKey }>()
  readonly #making = new Map<SigningAlgorithm, Promise<void>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async ensure(algorithm: SigningAlgorithm): Promise<void> {
    if (await this.#active(algorithm)) return
    const making = this.#making.get(algorithm) ?? ensureKey(this.#parts, algorithm)
    this.#making.set(algorithm, making)
    await making.finally(() => this.#making.delete(algorithm))
  }

  async sign(claims: JWTPayload, header: { alg: SigningAlgorithm; typ: string }): Promise<string> {
    await this.ensure(header.alg)
    const key = await this.#active(header.alg)
    if (!key) throw new Error(`Cannot sign with ${header.alg}: there is no active key`)
    return new SignJWT(claims)
      .setProtectedHeader({ ...header, kid: key.keyId })
      .sign(await this.#privateKey(key))
  }

  async verify(jwt: string, { typ, issuer, acceptExpired }: ExpectedJwt) {
    const keys = await listSigningKeys(this.#parts.reader)
    try {
      const { payload } = await jwtVerify(jwt, createLocalJWKSet({ keys: keys.map(asJwk) }), {
        typ,
        issuer,
        ...(acceptExpired ? { clockTolerance: Number.MAX_SAFE_INTEGER } : {}),
        algorithms: [...signingAlgorithms],
        currentDate: new Date(this.#parts.now()),
      })
      return payload
    } catch {
      return undefined
    }
  }

  async publicKeys(): Promise<JWK[]> {
    for (const algorithm of signingAlgorithms) await this.ensure(algorithm)
    return (await listSigningKeys(this.#parts.reader)).map(asJwk)
  }

  async #active(algorithm: SigningAlgorithm): Promise<SigningKey | undefined> {
    const keys = await listSigningKeys(this.#parts.reader)
    return keys.find((key) => key.algorithm === algorithm && key.status === 'active')
  }

  async #privateKey({ keyId, algorithm, secretId }: SigningKey): Promise<CryptoKey> {
    const known = this.#privateKeys.get(algorithm)
    if (known?.keyId === keyId) return known.privateKey
    const bytes = await this.#parts.secrets.read(secretId)
    if (!bytes) throw new Error(`Cannot sign with key "${keyId}": its secret is missing`)
    const jwk = JSON.parse(Buffer.from(bytes).toString('utf8')) as JWK
    const privateKey = (await importJWK(jwk, algorithm)) as CryptoKey
    this.#privateKeys.set(algorithm, { keyId, privateKey })
    return privateKey
  }
}

function asJwk({ publicJwk, keyId, algorithm }: SigningKey): JWK {
  return { ...(publicJwk as unknown as JWK), kid: keyId, alg: algorithm, use: 'sig' }
}
