/**
 * How keys come and go. On schedule a new key is published, signs once every copy of the key set
 * must have it, and is withdrawn when the last token that it signed has expired. So at no moment
 * does anybody hold a token that they cannot check. Of several processes on one database one
 * takes each step: the decision is guarded by what it read.
 *
 * @see [RFC 7517 §5 - JWK Set Format](https://www.rfc-editor.org/rfc/rfc7517.html#section-5)
 * @see [RFC 7518 §6 - Cryptographic Algorithms for Keys](https://www.rfc-editor.org/rfc/rfc7518.html#section-6)
 * @see [OpenID Connect Core 1.0 §10.1.1 - Rotation of Asymmetric Signing Keys](https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys)
 */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Settings } from '../../config/settings.ts'
import { execute, type Outcome, type Work } from '../../domain/execute.ts'
import {
  dueKeySteps,
  type KeySchedule,
  keyWithStatus,
  type NewSigningKey,
  type SigningAlgorithm,
  type SigningKeyRefusal,
  signingKeyDecider,
} from '../../domain/signing-key.ts'
import { listSigningKeys } from '../../projections/signing-keys.ts'
import type { Services } from '../services.ts'
import { idTokenTtlSeconds } from './id-token.ts'

const rsaModulusBits = 2048
/** Clocks differ, and a signature may be under way while its key retires. */
const leewaySeconds = 300

type Parts = Pick<Services, 'log' | 'now'>

export function keySchedule({ keys, resources }: Settings): KeySchedule {
  const lifetimes = resources.map((resource) => resource.accessTokenTtlSeconds)
  return {
    rotateAfterMs: keys.rotateAfterSeconds * 1000,
    publishAheadMs: keys.publishAheadSeconds * 1000,
    keepMs: (Math.max(idTokenTtlSeconds, ...lifetimes) + leewaySeconds) * 1000,
  }
}

/** The first key signs at once: no set was shown without it. */
export async function ensureKey(parts: Parts, algorithm: SigningAlgorithm): Promise<void> {
  const now = parts.now()
  const make = keyMaker(algorithm, now)
  await change(parts, { actor: 'system:signing-keys', algorithm }, async (work) => {
    const state = await work.read(signingKeyDecider, algorithm)
    if (keyWithStatus(state, 'active')) return done
    const published = keyWithStatus(state, 'published')
    if (!published) await publishKey(work, await make())
    const { keyId } = published ?? (await make()).key
    return work.decide(signingKeyDecider, algorithm, { kind: 'activate', keyId, now })
  })
}

/** Takes whatever step is due. */
export async function advanceKeys(
  parts: Parts,
  algorithm: SigningAlgorithm,
  schedule: KeySchedule,
): Promise<void> {
  const now = parts.now()
  const make = keyMaker(algorithm, now)
  await change(parts, { actor: 'system:rotate-keys', algorithm }, async (work) => {
    const state = await work.read(signingKeyDecider, algorithm)
    const { publish, activate, withdraw } = dueKeySteps(state, { now, schedule })
    for (const { keyId, secretId } of withdraw) {
      await work.decide(signingKeyDecider, algorithm, { kind: 'withdraw', keyId, now })
      work.forgetSecret(secretId)
    }
    if (activate) {
      const { keyId } = activate
      await work.decide(signingKeyDecider, algorithm, { kind: 'activate', keyId, now })
    }
    if (publish) await publishKey(work, await make())
    return done
  })
}

/** Begins a rotation before its time; from here on it goes by the schedule. */
export async function publishNextKey(
  parts: Parts,
  algorithm: SigningAlgorithm,
  { actor }: { readonly actor: string },
): Promise<KeyChange> {
  const made = await makeKey(algorithm, parts.now())
  const outcome = await change(parts, { actor, algorithm }, (work) => publishKey(work, made))
  return { ...outcome, keyId: made.key.keyId }
}

/**
 * For a key that somebody else may have: a new one signs at once, and all others of this algorithm
 * are withdrawn, with the one that waited. What they signed is refused from now on, here at once
 * and elsewhere when the copy of the key set is fetched anew.
 * @param replacing the key that is meant: asked twice, it is replaced once
 */
export async function replaceKeys(
  parts: Parts,
  algorithm: SigningAlgorithm,
  { actor, replacing }: { readonly actor: string; readonly replacing?: string },
): Promise<KeyChange> {
  const { key, secret } = await makeKey(algorithm, parts.now())
  const outcome = await change(parts, { actor, algorithm }, async (work) => {
    const state = await work.read(signingKeyDecider, algorithm)
    const { keys } = state
    if (replacing !== undefined && keyWithStatus(state, 'active')?.keyId !== replacing) {
      return work.reject('key_unknown')
    }
    for (const { secretId } of keys) work.forgetSecret(secretId)
    work.keepSecret(key.secretId, secret)
    return work.decide(signingKeyDecider, algorithm, { kind: 'replace all', key })
  })
  return { ...outcome, keyId: key.keyId }
}

/** What is published now, and since when each key is what it is. */
export async function describeKeys({ reader }: Pick<Services, 'reader'>) {
  const keys = await listSigningKeys(reader)
  return keys
    .sort((a, b) => a.algorithm.localeCompare(b.algorithm) || a.changedAt - b.changedAt)
    .map(({ keyId, algorithm, status, changedAt }) => ({ keyId, algorithm, status, changedAt }))
}

export type KeyChange = Outcome<SigningKeyRefusal> & { readonly keyId: string }

const done = { outcome: 'accepted' } as const

type Change = (work: Work) => ReturnType<typeof publishKey>

function change({ log }: Parts, by: { actor: string; algorithm: SigningAlgorithm }, run: Change) {
  const cause = { actor: by.actor, correlationId: `key:${by.algorithm}` }
  return execute<SigningKeyRefusal>(log, cause, run)
}

function publishKey(work: Work, { key, secret }: MadeKey) {
  work.keepSecret(key.secretId, secret)
  return work.decide(signingKeyDecider, key.algorithm, { kind: 'publish', key })
}

interface MadeKey {
  readonly key: NewSigningKey
  readonly secret: Uint8Array
}

/** Makes one key at most, and only when it is asked for it: an RSA key takes a moment. */
function keyMaker(algorithm: SigningAlgorithm, at: number): () => Promise<MadeKey> {
  let made: Promise<MadeKey> | undefined
  return () => {
    made ??= makeKey(algorithm, at)
    return made
  }
}

async function makeKey(algorithm: SigningAlgorithm, at: number): Promise<MadeKey> {
  const pair = await generateKeyPair(algorithm, {
    extractable: true,
    modulusLength: rsaModulusBits,
  })
  const publicJwk = publicMembers(await exportJWK(pair.publicKey))
  const keyId = await calculateJwkThumbprint(publicJwk)
  const secret = Buffer.from(JSON.stringify(await exportJWK(pair.privateKey)))
  return { secret, key: { keyId, algorithm, publicJwk, secretId: `signing-key:${keyId}`, at } }
}

/** Only what RFC 7518 §6 calls public. */
function publicMembers({ kty, crv, x, y, n, e }: JWK) {
  const members = { crv, x, y, n, e }
  const present = Object.entries(members).filter(([, value]) => value !== undefined)
  return { kty: kty ?? '', ...(Object.fromEntries(present) as Partial<Record<'crv', string>>) }
}
