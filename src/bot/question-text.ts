/** How what others wrote stands in a message, and what fits into it. */
import { visible } from '../web/exact-text.tsx'

/** Telegram takes 4096, as it counts them. */
export const textCharactersMax = 3900
/** What fits beside the id into a button. */
export const hashCharacters = 13

/** Kept apart from our own words: it reorders none of them, and its lines look like none of ours. */
export function foreign(text: string): string {
  return `\u2068${visible(text).replaceAll('\n', '\n    ')}\u2069`
}
