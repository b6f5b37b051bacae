/**
 * What one connection does again and again. A unit of work is one request or a few in a row; each
 * answer is checked before the next is sent, so that a server that refuses is never called fast.
 */
import type { Answer } from './connection.ts'

export interface Step {
  /** As it goes over the wire. */
  readonly request: string
  /**
   * The next step of the same unit, if there is one.
   * @throws {WrongAnswer} when it is not what a correct server says
   */
  accept(answer: Answer): Step | undefined
}

export interface Worker {
  /** The first step of the next unit; undefined when there is nothing left to do. */
  next(): Step | undefined
}

export class WrongAnswer extends Error {
  override name = 'WrongAnswer'
  constructor(expected: string, { status, body }: Answer) {
    super(`Expected ${expected}, got ${status}: ${body.slice(0, 300)}`)
  }
}

/** @throws {WrongAnswer} */
export function requireStatus(answer: Answer, ...statuses: readonly number[]): void {
  if (!statuses.includes(answer.status)) throw new WrongAnswer(statuses.join(' or '), answer)
}

/** @throws {WrongAnswer} when the answer is another one, or lacks these words */
export function requireWords(answer: Answer, status: number, words: string): void {
  if (answer.status !== status || !answer.body.includes(words)) {
    throw new WrongAnswer(`${status} with ${words}`, answer)
  }
}

/** The JSON body of an answer with this status. */
export function jsonOf(answer: Answer, ...statuses: readonly number[]): Record<string, unknown> {
  requireStatus(answer, ...statuses)
  try {
    return JSON.parse(Buffer.from(answer.body, 'latin1').toString()) as Record<string, unknown>
  } catch {
    throw new WrongAnswer('JSON', answer)
  }
}

/** A text member of the JSON body. */
export function textOf(body: Record<string, unknown>, name: string): string {
  const value = body[name]
  if (typeof value === 'string' && value !== '') return value
  throw new Error(`Expected "${name}" in ${JSON.stringify(body).slice(0, 300)}`)
}
