/**
 * The code that a person carries from one screen to another: eight consonants, so that no word
 * appears and none is mistaken for another, and short enough to type. It is short enough to guess
 * at too, so it is kept as an HMAC, lives for minutes, and wrong ones are counted.
 *
 * @see [RFC 8628 §6.1 - User Code Recommendations](https://www.rfc-editor.org/rfc/rfc8628.html#section-6.1)
 */
import { randomInt } from 'node:crypto'

const letters = 'BCDFGHJKLMNPQRSTVWXZ'
const lettersInCode = 8
/** However it was typed, it is not longer than this. */
const typedCharactersMax = 32

export function newUserCode(): string {
  const one = () => letters.charAt(randomInt(letters.length))
  return Array.from({ length: lettersInCode }, one).join('')
}

/** `WDJB-MJHT`, as people see it. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** The code that somebody typed, in any case, with or without dashes; undefined if it is none. */
export function typedUserCode(text: string): string | undefined {
  if (text.length > typedCharactersMax) return undefined
  const code = text.toUpperCase().replace(/[^A-Z]/g, '')
  return new RegExp(`^[${letters}]{${lettersInCode}}$`).test(code) ? code : undefined
}
