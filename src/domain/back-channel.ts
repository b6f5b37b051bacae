/**
 * What there is between one client and one person whom it asks without a browser: whether the
 * person will hear of it at all, and what became of telling the client. The questions themselves
 * expire, and a yes is a grant.
 *
 *   open ──mute──▶ muted ──unmute──▶ open
 *
 * @see [OpenID Connect CIBA Core 1.0 §15 - Security Considerations](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#rfc.section.15)
 */
import { Type } from '@sinclair/typebox'
import { accept, type Decider, refuse } from './decider.ts'
import { defineEvent, type EventOf, open } from './event.ts'
import { sha256 } from './keyring.ts'

// Events

const common = {
  channelId: open(Type.String()),
  userId: open(Type.String()),
  clientId: open(Type.String()),
  at: open(Type.Integer()),
}

export const BackChannelMuted = defineEvent('BackChannelMuted', { version: 1, payload: common })

export const BackChannelUnmuted = defineEvent('BackChannelUnmuted', { version: 1, payload: common })

/** The client's own endpoint was told that there is an answer, or could not be. */
export const BackChannelPinged = defineEvent('BackChannelPinged', {
  version: 1,
  payload: {
    ...common,
    /** Of the question, as its page has it. */
    questionId: open(Type.String()),
    delivered: open(Type.Boolean()),
    attempts: open(Type.Integer({ minimum: 1 })),
    /** What was answered last; absent where nothing was. */
    status: Type.Optional(open(Type.Integer())),
  },
})

export const backChannelEventTypes = [BackChannelMuted, BackChannelUnmuted, BackChannelPinged]

export type BackChannelEvent = EventOf<(typeof backChannelEventTypes)[number]>

/** The stream of these two. */
export function backChannelId({ userId, clientId }: Ends): string {
  return sha256(JSON.stringify([userId, clientId]))
}

// State

export interface BackChannelState {
  readonly status: 'open' | 'muted'
}

function evolve(state: BackChannelState, event: BackChannelEvent): BackChannelState {
  switch (event.type) {
    case 'BackChannelMuted':
      return { status: 'muted' }
    case 'BackChannelUnmuted':
      return { status: 'open' }
    case 'BackChannelPinged':
      return state
    default:
      return event satisfies never
  }
}

// Commands

interface Ends {
  readonly userId: string
  readonly clientId: string
}

export interface Pinged {
  readonly questionId: string
  readonly delivered: boolean
  readonly attempts: number
  readonly status?: number
}

export type BackChannelCommand = Ends & { readonly now: number } & (
    | { readonly kind: 'mute' | 'unmute' }
    | ({ readonly kind: 'record ping' } & Pinged)
  )

export type BackChannelRefusal = 'muted_already' | 'not_muted'

function decide(command: BackChannelCommand, { status }: BackChannelState) {
  const { userId, clientId, now: at } = command
  const fact = { channelId: backChannelId(command), userId, clientId, at }
  switch (command.kind) {
    case 'mute':
      return status === 'muted'
        ? refuse<BackChannelRefusal>('muted_already')
        : accept<BackChannelEvent>(BackChannelMuted(fact))
    case 'unmute':
      return status === 'open'
        ? refuse<BackChannelRefusal>('not_muted')
        : accept<BackChannelEvent>(BackChannelUnmuted(fact))
    case 'record ping': {
      const { questionId, delivered, attempts, status: answered } = command
      const told = answered === undefined ? {} : { status: answered }
      const ping = { questionId, delivered, attempts, ...told }
      return accept<BackChannelEvent>(BackChannelPinged({ ...fact, ...ping }))
    }
    default:
      return command satisfies never
  }
}

export const backChannelDecider: Decider<
  BackChannelCommand,
  BackChannelState,
  BackChannelEvent,
  BackChannelRefusal
> = { noun: 'back-channel', stateSchema: 1, initial: { status: 'open' }, evolve, decide }
