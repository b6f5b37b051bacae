/** What goes wrong when people prove who they are, in the words of their language. */
import { durationInWords } from './time.tsx'
import type { Words } from './words/words.ts'

export type SecurityProblem = keyof Words['security']['problems']

interface Told {
  readonly words: Words
  /** With `too_many_attempts`: when the next attempt counts. */
  readonly retryAfterSeconds?: number | undefined
}

export function securityProblemText(
  { words, retryAfterSeconds }: Told,
  problem: SecurityProblem,
): string {
  const { problems, tryAgainIn } = words.security
  if (problem !== 'too_many_attempts' || retryAfterSeconds === undefined) return problems[problem]
  return tryAgainIn(durationInWords(retryAfterSeconds, words))
}
