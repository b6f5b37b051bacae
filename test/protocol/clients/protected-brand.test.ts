/**
 * A brand does not pass, however it is written.
 *
 * @see [UTS #39 §4 - Confusable Detection](https://www.unicode.org/reports/tr39/#Confusable_Detection)
 */
import fc from 'fast-check'
import { protectedBrandIn, skeleton } from '../../../src/protocol/clients/protected-brand.ts'
import { describe, expect, test } from '../../support/test.ts'

const brands = ['Onegent', 'Anthropic', 'OpenAI', 'Apple', 'Google', 'Microsoft']

/** Letters of other alphabets that a reader takes for the Latin one. */
const lookAlikes: Readonly<Record<string, string>> = {
  a: 'аɑαАΑᎪꓮａ𝐚𝛂ᗅ🄰ⓐ⒜áå',
  c: 'сϲⅽСϹᏟꓚꮯⲥ𝕔ç',
  e: 'еҽЕΕᎬꓰ℮𝓮éē',
  f: 'ẝꞙϝꓝꬵ𝖿ｆ',
  g: 'ɡցɢᏀꓖԌᶃƍ𝗀ğ',
  h: 'һհΗНᎻꓧᏂ𝐇',
  i: 'іιɩӏІΙᎥⅰıꙇꓲⲓ1l|Íï',
  l: 'ӏⅼᏞꓡΙІ|1IⵏḷĹ',
  m: 'мΜМᎷꓟⅯⲘ𝔪',
  n: 'ոռΝꓠпƞηⲚñ',
  o: 'оοօОΟՕꓳ௦०০ⲟჿ೦ഠ๐໐ᴏס0öØ',
  p: 'рρРΡᏢꓑⲣ⍴ｐ',
  r: 'гᴦⲅꭇᎡꓣꮁŕ',
  s: 'ѕЅᏚꓢꜱՏƽš',
  t: 'тτТΤᎢꓔⲦţ',
}
const unseen = ['', '\u200B', '\u200D', '\u00AD', '\u0301', '\u0336', '\u2060', '\u202E', '\uFE0F']
const thin = ['\u200A', '\u2009', '\u3164', '\u{E0041}']

const letterAs = (letter: string) =>
  fc
    .tuple(
      fc.constantFrom(letter, letter.toUpperCase(), ...[...(lookAlikes[letter] ?? letter)]),
      fc.constantFrom(...unseen, ...thin),
    )
    .map((parts) => parts.join(''))

const disguised = fc
  .constantFrom(...brands)
  .chain((brand) =>
    fc
      .tuple(...[...brand.toLowerCase()].map(letterAs))
      .map((letters) => ({ brand, name: letters.join('') })),
  )

test('no look-alike, no case and nothing invisible brings a brand through', () => {
  const around = fc.constantFrom('', ' ', 'My ', ' helper', 'x', '日本')
  fc.assert(
    fc.property(disguised, around, around, ({ brand, name }, before, after) => {
      expect(protectedBrandIn(before + name + after, brands)).toBe(brand)
    }),
    { numRuns: 2000 },
  )
})

test('each look-alike by itself is folded', () => {
  for (const [letter, others] of Object.entries(lookAlikes)) {
    for (const other of others) expect(skeleton(other)).toBe(skeleton(letter))
  }
})

test('every full-width, mathematical and circled letter is folded', () => {
  const ranges: readonly [from: number, first: string][] = [
    ...([0xff21, 0x1d400, 0x1d5a0, 0x1d670, 0x24b6, 0x1f130] as const).map(
      (from): [number, string] => [from, 'A'],
    ),
    ...([0xff41, 0x1d41a, 0x1d5ba, 0x1d68a, 0x24d0] as const).map((from): [number, string] => [
      from,
      'a',
    ]),
  ]
  for (const [from, first] of ranges) {
    for (let n = 0; n < 26; n += 1) {
      const plain = String.fromCharCode(first.charCodeAt(0) + n)
      expect(skeleton(String.fromCodePoint(from + n))).toBe(skeleton(plain))
    }
  }
})

describe('is let through', () => {
  const names = ['Cursor', 'Visual Studio Code', 'Claude Code (test)', 'Путеводитель', '日本語', '']
  for (const name of names) {
    test(name || 'an empty name', () => expect(protectedBrandIn(name, brands)).toBeUndefined())
  }
  test('anything where no brand is protected', () => {
    expect(protectedBrandIn('Onegent', [])).toBeUndefined()
  })
})

test('two letters that look like one are that one', () => {
  expect(protectedBrandIn('rnicrosoft', brands)).toBe('Microsoft')
  expect(protectedBrandIn('VVidget', ['Widget'])).toBe('Widget')
})

test('the longest name that a registration may have is folded at once', () => {
  expect(protectedBrandIn(`${'а\u0301'.repeat(1000)}onegent`, brands)).toBe('Onegent')
})
