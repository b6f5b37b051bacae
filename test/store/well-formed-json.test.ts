/** @see [RFC 8259 §8.2 - Unicode Characters](https://www.rfc-editor.org/rfc/rfc8259.html#section-8.2) */
import { wellFormedJson } from '../../src/store/well-formed-json.ts'
import { describe, expect, test } from '../support/test.ts'

describe('JSON for the database', () => {
  test.each([
    ['the first half of a letter', 'a\ud83d', 'a\ufffd'],
    ['the second half', '\ude00b', '\ufffdb'],
    ['the halves the wrong way round', '\ude00\ud83d', '\ufffd\ufffd'],
  ])('holds no %s', (_, text, wanted) => {
    expect(JSON.parse(wellFormedJson({ text, list: [text] }))).toEqual({
      text: wanted,
      list: [wanted],
    })
    expect(JSON.parse(wellFormedJson({ [text]: 1 }))).toEqual({ [wanted]: 1 })
  })

  test.each([
    ['a whole letter of two halves', '😀'],
    ['the spelling of a half, as text', '\\ud800 \\\\ud800'],
    ['a backslash before a half that is none', '\\'],
    ['quotes, line breaks and nothing', '"\n\t\u0000'],
    ['what begins like a half', '\ud7ff\ue000'],
  ])('leaves %s as it is', (_, text) => {
    expect(JSON.parse(wellFormedJson([text]))).toEqual([text])
  })

  test('tells a half from a backslash before it', () => {
    expect(JSON.parse(wellFormedJson('\\\ud800'))).toBe('\\\ufffd')
  })
})
