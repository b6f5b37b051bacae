/**
 * Questions that a person answers by a button in the chat. What is asked, and what an answer does,
 * is for whoever brings `Approvals`: this file carries the question there and the answer back.
 *
 * What a button brings is text that anybody's own Telegram program can send, so it says only which
 * question is meant; whose question that is has to be asked of `Approvals`.
 */
import { InlineKeyboard } from 'grammy/web'

export type Choice = 'approve' | 'deny'

export interface Approvals {
  /** What a person chose; `not_open` for a question that is over, or not theirs. */
  decide(answer: {
    readonly userId: string
    readonly reference: string
    readonly choice: Choice
  }): Promise<'recorded' | 'not_open'>
}

export interface Question {
  readonly userId: string
  readonly text: string
  /** BCP 47, of the text; the buttons follow it. */
  readonly language?: string | undefined
  /** Which question it is: `[A-Za-z0-9_-]`, at most 50 characters; without one there are no buttons. */
  readonly reference?: string
}

/** The Bot API gives a button 64 bytes. */
const referencePattern = /^[\w-]{1,50}$/

export function approvalButtons(
  reference: string,
  words: { approve: string; deny: string },
): InlineKeyboard {
  if (!referencePattern.test(reference)) {
    throw new Error(`Cannot ask about "${reference}": a button holds 50 characters`)
  }
  return new InlineKeyboard()
    .text(words.approve, `approve:${reference}`)
    .text(words.deny, `deny:${reference}`)
}

export function choiceOf(data: string): { choice: Choice; reference: string } | undefined {
  const [choice, reference = '', ...rest] = data.split(':')
  if (choice !== 'approve' && choice !== 'deny') return undefined
  return rest.length === 0 && referencePattern.test(reference) ? { choice, reference } : undefined
}
