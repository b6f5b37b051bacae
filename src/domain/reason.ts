/**
 * What an administrator says of why they end somebody's access: words of a person about a person,
 * so they are sealed, and stand in the stream of what was ended, after the event that ended it.
 */
import { Type } from '@sinclair/typebox'
import { defineEvent, type EventOf, open } from './event.ts'

export const ReasonGiven = defineEvent('ReasonGiven', {
  version: 1,
  subject: 'about',
  payload: {
    /** The person whose access it was, or the client where there is no person. */
    about: open(Type.String()),
    reason: Type.String(),
    at: open(Type.Integer()),
  },
})

export type ReasonGivenEvent = EventOf<typeof ReasonGiven>

/** A command that may say why. */
export interface Explained {
  readonly why?: string
  readonly now: number
}

/** The event that explains, where somebody explained. */
export function explainedBy({ why, now: at }: Explained, about: string): ReasonGivenEvent[] {
  return why === undefined ? [] : [ReasonGiven({ about, reason: why, at })]
}
