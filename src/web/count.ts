/** How many there are, in words, where nobody has counted beyond a limit. */
import type { Count } from '../projections/counts.ts'
import type { Words } from './words/words.ts'

export function shownCount({ language, shell }: Words, { count, isMore }: Count): string {
  const shown = count.toLocaleString(language)
  return isMore ? shell.atLeast(shown) : shown
}

/** For words that say one otherwise. */
export function numberOrMore(words: Words, count: Count): number | string {
  return count.isMore ? shownCount(words, count) : count.count
}
