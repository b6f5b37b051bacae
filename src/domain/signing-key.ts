/**
 * The keys that sign tokens, one stream for each algorithm, so that two processes cannot both
 * rotate. A key is published before it signs, because others keep copies of the key set, and stays
 * published after it stops, until the last token has expired.
 *
 *   published ──▶ active ──▶ retired ──▶ withdrawn
 *     no copy      signs      tokens      gone, and
 *     lacks it                expire      its secret deleted
 *
 * A key that is no longer trusted is withdrawn from wherever it stands. The log holds the public
 * half; the private half is a wrapped secret outside it.
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, open } from './event.ts'

export const signingAlgorithms = ['ES256', 'RS256', 'EdDSA'] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

// Events

const keyId = open(Type.String())
const at = open(Type.Integer())

export const SigningKeyPublished = defineEvent('SigningKeyPublished', {
  version: 1,
  payload: {
    keyId,
    algorithm: open(Type.Union(signingAlgorithms.map((a) => Type.Literal(a)))),
    /** The public JWK (RFC 7517); never a private member. */
    publicJwk: open(
      Type.Object(
        {
          kty: Type.String(),
          crv: Type.Optional(Type.String()),
          x: Type.Optional(Type.String()),
          y: Type.Optional(Type.String()),
          n: Type.Optional(Type.String()),
          e: Type.Optional(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
    secretId: open(Type.String()),
    at,
  },
})

export const SigningKeyActivated = defineEvent('SigningKeyActivated', {
  version: 1,
  payload: { keyId, at },
})

export const SigningKeyRetired = defineEvent('SigningKeyRetired', {
  version: 1,
  payload: { keyId, at },
})

export const SigningKeyWithdrawn = defineEvent('SigningKeyWithdrawn', {
  version: 1,
  payload: {
    keyId,
    reason: open(Type.Union([Type.Literal('expired'), Type.Literal('compromised')])),
    at,
  },
})

export const signingKeyEventTypes = [
  SigningKeyPublished,
  SigningKeyActivated,
  SigningKeyRetired,
  SigningKeyWithdrawn,
]

export type SigningKeyEvent = EventOf<
  | typeof SigningKeyPublished
  | typeof SigningKeyActivated
  | typeof SigningKeyRetired
  | typeof SigningKeyWithdrawn
>

// State

export interface HeldKey {
  readonly keyId: string
  readonly secretId: string
  readonly status: 'published' | 'active' | 'retired'
  /** When it came to this status. */
  readonly since: number
}

/** At most one key is published and not yet used, and at most one signs. */
export interface SigningKeysState {
  readonly keys: readonly HeldKey[]
}

function evolve({ keys }: SigningKeysState, event: SigningKeyEvent): SigningKeysState {
  const { keyId, at: since } = event.payload
  const moved = (status: HeldKey['status']) => ({
    keys: keys.map((key) => (key.keyId === keyId ? { ...key, status, since } : key)),
  })
  switch (event.type) {
    case 'SigningKeyPublished': {
      const { secretId } = event.payload
      return { keys: [...keys, { keyId, secretId, status: 'published', since }] }
    }
    case 'SigningKeyActivated':
      return moved('active')
    case 'SigningKeyRetired':
      return moved('retired')
    case 'SigningKeyWithdrawn':
      return { keys: keys.filter((key) => key.keyId !== keyId) }
    default:
      return event satisfies never
  }
}

export function keyWithStatus(
  { keys }: SigningKeysState,
  status: 'published' | 'active',
): HeldKey | undefined {
  return keys.find((key) => key.status === status)
}

// Commands

export type NewSigningKey = EventOf<typeof SigningKeyPublished>['payload']

export type SigningKeyCommand =
  | { readonly kind: 'publish'; readonly key: NewSigningKey }
  /** The key before it retires in the same moment. */
  | { readonly kind: 'activate'; readonly keyId: string; readonly now: number }
  | { readonly kind: 'withdraw'; readonly keyId: string; readonly now: number }
  /** Nothing that any key so far has signed, or will sign, is to be believed. */
  | { readonly kind: 'replace all'; readonly key: NewSigningKey }

export type SigningKeyRefusal =
  | 'key_exists'
  | 'next_key_exists'
  | 'key_unknown'
  | 'key_not_published'
  | 'key_not_retired'

function decide(command: SigningKeyCommand, state: SigningKeysState) {
  if (command.kind === 'publish' || command.kind === 'replace all') return admit(command, state)
  const { keyId, now: at } = command
  const key = state.keys.find((held) => held.keyId === keyId)
  if (!key) return refuse<SigningKeyRefusal>('key_unknown')
  switch (command.kind) {
    case 'activate': {
      if (key.status !== 'published') return refuse<SigningKeyRefusal>('key_not_published')
      const before = keyWithStatus(state, 'active')
      const retired = before ? [SigningKeyRetired({ keyId: before.keyId, at })] : []
      return accept<SigningKeyEvent>(...retired, SigningKeyActivated({ keyId, at }))
    }
    case 'withdraw':
      if (key.status !== 'retired') return refuse<SigningKeyRefusal>('key_not_retired')
      return accept(SigningKeyWithdrawn({ keyId, reason: 'expired', at }))
    default:
      return command satisfies never
  }
}

function admit(
  { kind, key }: Extract<SigningKeyCommand, { key: NewSigningKey }>,
  state: SigningKeysState,
) {
  const { keyId, at } = key
  if (state.keys.some((held) => held.keyId === keyId)) {
    return refuse<SigningKeyRefusal>('key_exists')
  }
  if (kind === 'publish') {
    if (keyWithStatus(state, 'published')) return refuse<SigningKeyRefusal>('next_key_exists')
    return accept(SigningKeyPublished(key))
  }
  return accept<SigningKeyEvent>(
    ...state.keys.map((old) =>
      SigningKeyWithdrawn({ keyId: old.keyId, reason: 'compromised', at }),
    ),
    SigningKeyPublished(key),
    SigningKeyActivated({ keyId, at }),
  )
}

export const signingKeyDecider: Decider<
  SigningKeyCommand,
  SigningKeysState,
  SigningKeyEvent,
  SigningKeyRefusal
> = { noun: 'signing-key', stateSchema: 1, initial: { keys: [] }, evolve, decide }

// Schedule

export interface KeySchedule {
  /** How long a key signs. */
  readonly rotateAfterMs: number
  /** How long a key is published before it signs: longer than anybody keeps a copy of the set. */
  readonly publishAheadMs: number
  /** How long a token may live that a key has signed in its last moment. */
  readonly keepMs: number
}

export interface KeySteps {
  readonly publish: boolean
  readonly activate: HeldKey | undefined
  readonly withdraw: readonly HeldKey[]
}

/** What is due now. A step that was missed while nothing ran is made up for; none is skipped. */
export function dueKeySteps(
  state: SigningKeysState,
  { now, schedule }: { now: number; schedule: KeySchedule },
): KeySteps {
  const { rotateAfterMs, publishAheadMs, keepMs } = schedule
  const next = keyWithStatus(state, 'published')
  const active = keyWithStatus(state, 'active')
  const mayPublish = active !== undefined && next === undefined
  return {
    publish: mayPublish && now >= active.since + rotateAfterMs - publishAheadMs,
    activate: next && now >= next.since + publishAheadMs ? next : undefined,
    withdraw: state.keys.filter((k) => k.status === 'retired' && now >= k.since + keepMs),
  }
}
