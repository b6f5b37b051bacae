/**
 * Names that belong to somebody: a client that registers itself may not carry one, alone or
 * within its own name, in whatever letters it is written.
 *
 *   "Оnegent" (a Cyrillic О), "ＯＮＥＧＥＮＴ", "One\u200Bgent", "My 0negent helper"  →  onegent
 *
 * Both sides are reduced to a skeleton, in the manner of Unicode's: compatibility forms are
 * resolved, marks and invisible characters left out, look-alike letters replaced by one of them.
 * What is left after that and still looks the same in Latin itself (I, l, 1; O, 0; rn, m) becomes
 * one too. A name that merely resembles a brand may be refused with it; an operator can add it.
 *
 * @see [UTS #39 §4 - Confusable Detection](https://www.unicode.org/reports/tr39/#Confusable_Detection)
 * @see [RFC 7591 §5 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7591.html#section-5)
 */
import { remove as replaceLookAlikes } from 'confusables'
import type { Settings } from '../../config/settings.ts'
import type { ClientMetadata } from '../../domain/client-events.ts'
import { OAuthError } from '../oauth-error.ts'

/** @throws {OAuthError} invalid_client_metadata, with whom to ask */
export function refuseProtectedBrand(
  { brands, supportContact }: Pick<Settings, 'brands' | 'supportContact'>,
  { clientName }: Pick<ClientMetadata, 'clientName'>,
): void {
  const brand = protectedBrandIn(clientName, brands)
  if (brand === undefined) return
  const whom = supportContact ?? 'the people who run this server'
  throw new OAuthError(
    'invalid_client_metadata',
    `client_name holds the protected name ${brand}: to use it, contact ${whom}`,
  )
}

/** The first of these brands that the name contains, as the operator wrote it. */
export function protectedBrandIn(name: string, brands: readonly string[]): string | undefined {
  if (brands.length === 0) return undefined
  const seen = skeleton(name)
  return brands.find((brand) => seen.includes(skeleton(brand)))
}

const invisible = /[\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/gu
/** Spaces so narrow that a word does not fall apart by them. */
const narrowSpaces = /[\u2005-\u200A\u202F\u205F]/gu

/** Letters in parentheses, and look-alikes that the package does not know or resolves otherwise. */
const parenthesised = /[\u249C-\u24B5]/g
const missing: Readonly<Record<string, string>> = {
  '\u018D': 'g',
  '\u01BD': 's',
  '\u03F9': 'c',
  '\u2C93': 'i',
  '\uA4F2': 'i',
}
const missingLetters = new RegExp(`[${Object.keys(missing).join('')}]`, 'g')

/** Equal for names that look the same; otherwise without meaning. */
export function skeleton(text: string): string {
  const resolved = text
    .replace(narrowSpaces, '')
    .replace(parenthesised, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x249c + 97))
    .replace(missingLetters, (letter) => missing[letter] ?? letter)
    .normalize('NFKD')
    .replace(invisible, '')
  return replaceLookAlikes(resolved)
    .normalize('NFKD')
    .toLowerCase()
    .replace(invisible, '')
    .replace(/[i1|!ı]/g, 'l')
    .replaceAll('0', 'o')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
}
