/**
 * Text that strangers chose (a client's name, a scope's description, an e-mail address) made fit
 * to stand in a sentence of ours. Escaping keeps it from being markup; this keeps it from lying:
 *
 *   "evil\u202Egnp.exe"   right-to-left override   → "evilgnp.exe", and `hidden` says so
 *   "Pay\u200BPal"        zero-width space         → "PayPal",      and `hidden` says so
 *   "Сlaude"              a Cyrillic С             → as it is,      and `mixedScripts` says so
 *   10 KB of letters                               → 80 graphemes and "…"
 *
 * What comes out holds no control, format, bidi or default-ignorable character and no unpaired
 * surrogate, and is never longer than the limits. Joiners go too: an emoji that falls apart in
 * two is a small price for a name that is what it looks like. The page still puts it in `<bdi>`,
 * because Hebrew and Arabic letters reorder their neighbours without any control character.
 * @see [UTS #39 - Unicode Security Mechanisms](https://www.unicode.org/reports/tr39/)
 * @see [RFC 7591 §5 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7591.html#section-5)
 */

export interface CleanText {
  readonly text: string
  /** Something invisible was left out. */
  readonly hidden: boolean
  /** Letters of two alphabets that look alike stand in one word. */
  readonly mixedScripts: boolean
}

export interface CleanTextLimits {
  readonly graphemesMax?: number
}

const graphemesMaxDefault = 80
/** What is looked at, at all: the rest of a 10 KB name is not worth the time. */
const unitsReadMax = 4000
/** A grapheme may be made of any number of code points; ours are of at most four on average. */
const codePointsPerGraphemeMax = 4

const spaces = /[\s\p{Z}\u2800]+/gu
const invisible = /[\p{C}\p{Default_Ignorable_Code_Point}]/gu
/** Variation selectors choose between ☎ and ☎️; they are left out without a word. */
const ordinarySelectors = /[\uFE0E\uFE0F]/gu
const stackedMarks = /(\p{M}{3})\p{M}+/gu
const latin = /\p{Script=Latin}/u
const latinLookAlikes =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}]/u

/** What all of this would leave as it is, as most of what is shown: nothing needs to be taken apart. */
const plainAscii = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

export function cleanText(raw: string, limits: CleanTextLimits = {}): CleanText {
  const graphemesMax = limits.graphemesMax ?? graphemesMaxDefault
  if (raw.length <= graphemesMax && plainAscii.test(raw)) {
    return { text: raw, hidden: false, mixedScripts: false }
  }
  const spaced = raw
    .slice(0, unitsReadMax)
    .toWellFormed()
    .normalize('NFC')
    .replace(spaces, ' ')
    .replace(ordinarySelectors, '')
  const visible = spaced.replace(invisible, '')
  const text = shorten(visible.replace(stackedMarks, '$1').replace(spaces, ' ').trim(), {
    graphemesMax,
    more: raw.length > unitsReadMax,
  })
  return { text, hidden: visible !== spaced, mixedScripts: mixesScripts(text) }
}

/** The text alone, for places that have no room for a remark. */
export function plainText(raw: string, limits: CleanTextLimits = {}): string {
  return cleanText(raw, limits).text
}

function shorten(text: string, limits: { graphemesMax: number; more: boolean }): string {
  const codePointsMax = limits.graphemesMax * codePointsPerGraphemeMax
  const candidate = [...text].slice(0, codePointsMax).join('')
  const kept: string[] = []
  for (const { segment } of graphemes.segment(candidate)) {
    if (kept.length === limits.graphemesMax) break
    kept.push(segment)
  }
  const short = kept.join('')
  return short === text && !limits.more ? text : `${short.trimEnd()}…`
}

function mixesScripts(text: string): boolean {
  return text.split(/[\p{Z}\p{P}]+/u).some((word) => latin.test(word) && latinLookAlikes.test(word))
}
