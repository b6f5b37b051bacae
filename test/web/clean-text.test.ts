import fc from 'fast-check'
import { cleanText, plainText } from '../../src/web/clean-text.ts'
import { describe, expect, test } from '../support/test.ts'

const forbidden = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Text with what an adversary would use far more often than chance would. */
const nasty = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\u202E',
        '\u2066',
        '\u200B',
        '\u200F',
        '\u061C',
        '\u0000',
        '\u0085',
        '\u2028',
      ),
      fc.constantFrom(
        '\uD800',
        '\uFEFF',
        '\u00AD',
        '\u3164',
        '\u{E0041}',
        '\u0301',
        '👩‍👩‍👧',
        'Claude',
      ),
    ),
    { maxLength: 200 },
  )
  .map((parts) => parts.join(''))

describe('Text from strangers', () => {
  test('never keeps a control, bidi, zero-width or unpaired character, whatever comes in', () => {
    fc.assert(
      fc.property(nasty, (raw) => {
        const { text } = cleanText(raw)
        expect(forbidden.test(text)).toBe(false)
        expect(text.isWellFormed()).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('is never longer than asked, in graphemes and in code points', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 100 }), (raw, graphemesMax) => {
        const { text } = cleanText(raw, { graphemesMax })
        expect([...graphemes.segment(text)].length).toBeLessThanOrEqual(graphemesMax + 1)
        expect([...text].length).toBeLessThanOrEqual(graphemesMax * 4 + 1)
      }),
    )
  })

  test('stays as it is when it is ordinary, in any script', () => {
    for (const name of [
      'Claude Code',
      'Bücher & Co.',
      '予約アプリ',
      'תיאום פגישות',
      'Погода',
      'café',
    ]) {
      expect(cleanText(name)).toEqual({ text: name, hidden: false, mixedScripts: false })
    }
  })

  test('says when something invisible was left out', () => {
    expect(cleanText('Pay\u200BPal')).toMatchObject({ text: 'PayPal', hidden: true })
    expect(cleanText('evil\u202Egnp.exe')).toMatchObject({ text: 'evilgnp.exe', hidden: true })
    expect(cleanText('☎️ Calls').hidden).toBe(false)
  })

  test('says when a word mixes alphabets that look alike, and not when words of several stand together', () => {
    expect(cleanText('\u0421laude').mixedScripts).toBe(true)
    expect(cleanText('Claude \u0434\u043B\u044F \u0434\u043E\u043C\u0430').mixedScripts).toBe(false)
  })

  test('of 10 KB ends in an ellipsis, also when it is one endless grapheme', () => {
    expect(plainText('W'.repeat(10_240))).toBe(`${'W'.repeat(80)}…`)
    expect([...plainText(`e${'\u0301'.repeat(10_240)}`)].length).toBeLessThanOrEqual(6)
    expect([...plainText('\u1100'.repeat(10_240))].length).toBe(321)
  })

  test('becomes one line', () => {
    expect(plainText('  a\n\n b\t\u2028c\u2800 ')).toBe('a b c')
  })
})
