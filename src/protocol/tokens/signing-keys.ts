/**
 * The keys that sign JWTs: made when they are first needed, published in the JWK set, used from
 * the newest active one. The private half leaves the vault only into this process's memory.
 *
 * @see [RFC 7517 §5 - JWK Set Format](https://www.rfc-editor.org/rfc/rfc7517.html#section-5)
 * @see [RFC 7518 §3.1 - Algorithms](https://www.rfc-editor.org/rfc/rfc7518.html#section-3.1)
 */
import {
  type CryptoKey,
  calculateJwkThumbprint,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'
import { execute } from '../../domain/execute.ts'
import {
  type SigningAlgorithm,
  signingAlgorithms,
  signingKeyDecider,
} from '../../domain/signing-key.ts'
import { listSigningKeys, type SigningKey } from '../../projections/signing-keys.ts'
import type { Services } from '../services.ts'

export interface Signer {
  /** Makes the key of this algorithm if there is none; safe to call again. */
  ensure(algorithm: SigningAlgorithm): Promise<void>
  sign(claims: JWTPayload, header: { alg: SigningAlgorithm; typ: string }): Promise<string>
  /** The claims of a JWT that this server signed, of this type and not expired; else undefined. */
  verify(jwt: string, expected: { typ: string; issuer: string }): Promise<JWTPayload | undefined>
  /** Public keys, as the JWK set shows them. */
  publicKeys(): Promise<JWK[]>
}

type Parts = Pick<Services, 'log' | 'reader' | 'secrets' | 'now'>

const rsaModulusBits = 2048

export class LogSigner implements Signer {
  readonly #parts: Parts
  readonly #privateKeys = new Map<string, CryptoKey>()
  readonly #making = new Map<SigningAlgorithm, Promise<void>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async ensure(algorithm: SigningAlgorithm): Promise<void> {
    if (await this.#newest(algorithm)) return
    const making = this.#making.get(algorithm) ?? this.#make(algorithm)
    this.#making.set(algorithm, making)
    await making.finally(() => this.#making.delete(algorithm))
  }

  async sign(claims: JWTPayload, header: { alg: SigningAlgorithm; typ: string }): Promise<string> {
    await this.ensure(header.alg)
    const key = await this.#newest(header.alg)
    if (!key) throw new Error(`Cannot sign with ${header.alg}: there is no active key`)
    return new SignJWT(claims)
      .setProtectedHeader({ ...header, kid: key.keyId })
      .sign(await this.#privateKey(key))
  }

  async verify(jwt: string, expected: { typ: string; issuer: string }) {
    const keys = createLocalJWKSet({ keys: await this.publicKeys() })
    try {
      const { payload } = await jwtVerify(jwt, keys, {
        ...expected,
        algorithms: [...signingAlgorithms],
        currentDate: new Date(this.#parts.now()),
      })
      return payload
    } catch {
      return undefined
    }
  }

  async publicKeys(): Promise<JWK[]> {
    const keys = await listSigningKeys(this.#parts.reader)
    return keys.map((key) => ({
      ...(key.publicJwk as unknown as JWK),
      kid: key.keyId,
      alg: key.algorithm,
      use: 'sig',
    }))
  }

  async #newest(algorithm: SigningAlgorithm): Promise<SigningKey | undefined> {
    const keys = await listSigningKeys(this.#parts.reader)
    return keys
      .filter((key) => key.algorithm === algorithm && key.status === 'active')
      .sort((a, b) => b.changedAt - a.changedAt || b.keyId.localeCompare(a.keyId))[0]
  }

  async #privateKey(key: SigningKey): Promise<CryptoKey> {
    const known = this.#privateKeys.get(key.keyId)
    if (known) return known
    const bytes = await this.#parts.secrets.read(key.secretId)
    if (!bytes) throw new Error(`Cannot sign with key "${key.keyId}": its secret is missing`)
    const jwk = JSON.parse(Buffer.from(bytes).toString('utf8')) as JWK
    const imported = (await importJWK(jwk, key.algorithm)) as CryptoKey
    this.#privateKeys.set(key.keyId, imported)
    return imported
  }

  async #make(algorithm: SigningAlgorithm): Promise<void> {
    const pair = await generateKeyPair(algorithm, {
      extractable: true,
      modulusLength: rsaModulusBits,
    })
    const publicJwk = publicMembers(await exportJWK(pair.publicKey))
    const privateJwk = await exportJWK(pair.privateKey)
    const keyId = await calculateJwkThumbprint(publicJwk)
    const secretId = `signing-key:${keyId}`
    const cause = { actor: 'system:signing-keys', correlationId: keyId }
    const at = this.#parts.now()
    await execute<string>(this.#parts.log, cause, async (work) => {
      work.keepSecret(secretId, Buffer.from(JSON.stringify(privateJwk)))
      const key = { keyId, algorithm, publicJwk, secretId, at }
      await work.decide(signingKeyDecider, keyId, { kind: 'publish', key })
      return work.decide(signingKeyDecider, keyId, { kind: 'activate', keyId, now: at })
    })
  }
}

/** Only what RFC 7518 §6 calls public. */
function publicMembers({ kty, crv, x, y, n, e }: JWK) {
  const members = { crv, x, y, n, e }
  const present = Object.entries(members).filter(([, value]) => value !== undefined)
  return { kty: kty ?? '', ...(Object.fromEntries(present) as Partial<Record<'crv', string>>) }
}
