/**
 * A key that signs tokens. It is published before it signs, so that nobody meets a signature
 * they cannot check, and stays published after it stops, until the last token has expired.
 *
 *   published ──activate──▶ active ──retire──▶ retired ──withdraw──▶ withdrawn
 *
 * The log holds the public half; the private half is a wrapped secret outside it.
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
  payload: { keyId, at },
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

export interface SigningKeyState {
  readonly status: 'unknown' | 'published' | 'active' | 'retired' | 'withdrawn'
}

function evolve(_state: SigningKeyState, event: SigningKeyEvent): SigningKeyState {
  switch (event.type) {
    case 'SigningKeyPublished':
      return { status: 'published' }
    case 'SigningKeyActivated':
      return { status: 'active' }
    case 'SigningKeyRetired':
      return { status: 'retired' }
    case 'SigningKeyWithdrawn':
      return { status: 'withdrawn' }
    default:
      return event satisfies never
  }
}

// Commands

type Published = EventOf<typeof SigningKeyPublished>['payload']

export type SigningKeyCommand =
  | { readonly kind: 'publish'; readonly key: Published }
  | { readonly kind: 'activate'; readonly keyId: string; readonly now: number }
  | { readonly kind: 'retire'; readonly keyId: string; readonly now: number }
  | { readonly kind: 'withdraw'; readonly keyId: string; readonly now: number }

export type SigningKeyRefusal =
  | 'key_exists'
  | 'key_unknown'
  | 'key_not_published'
  | 'key_not_active'
  | 'key_not_retired'

function decide(command: SigningKeyCommand, state: SigningKeyState) {
  if (command.kind === 'publish') {
    if (state.status !== 'unknown') return refuse<SigningKeyRefusal>('key_exists')
    return accept(SigningKeyPublished(command.key))
  }
  if (state.status === 'unknown') return refuse<SigningKeyRefusal>('key_unknown')
  const fact = { keyId: command.keyId, at: command.now }
  switch (command.kind) {
    case 'activate':
      if (state.status !== 'published') return refuse<SigningKeyRefusal>('key_not_published')
      return accept(SigningKeyActivated(fact))
    case 'retire':
      if (state.status !== 'active') return refuse<SigningKeyRefusal>('key_not_active')
      return accept(SigningKeyRetired(fact))
    case 'withdraw':
      if (state.status !== 'retired') return refuse<SigningKeyRefusal>('key_not_retired')
      return accept(SigningKeyWithdrawn(fact))
    default:
      return command satisfies never
  }
}

export const signingKeyDecider: Decider<
  SigningKeyCommand,
  SigningKeyState,
  SigningKeyEvent,
  SigningKeyRefusal
> = { noun: 'signing-key', stateSchema: 1, initial: { status: 'unknown' }, evolve, decide }
