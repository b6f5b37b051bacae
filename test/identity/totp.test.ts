/**
 * Codes that an app shows.
 * @see [RFC 6238 Appendix B - Test Vectors](https://www.rfc-editor.org/rfc/rfc6238.html#appendix-B)
 */
import { base32, otpauthUri, stepOfCode, totpCode, totpStep } from '../../src/identity/totp.ts'
import { describe, expect, test } from '../support/test.ts'

const seed = Buffer.from('12345678901234567890')

describe('a code', () => {
  // The appendix has eight digits; the last six are what six digits are.
  const vectors: [seconds: number, code: string][] = [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ]
  test.each(vectors)('of second %p is %p', (seconds, code) => {
    expect(totpCode(seed, totpStep(seconds * 1000))).toBe(code)
  })

  test('counts one step early and one late, and no further', () => {
    const now = 1_700_000_000_000
    const step = totpStep(now)
    const found = [-2, -1, 0, 1, 2].map((off) => stepOfCode(seed, totpCode(seed, step + off), now))
    expect(found).toEqual([undefined, step - 1, step, step + 1, undefined])
  })

  test('is no other text', () => {
    for (const text of ['', '0', '00000', '0000000', 'abcdef', '28708２']) {
      expect(stepOfCode(seed, text, 59_000)).toBe(undefined)
    }
  })
})

test('a key is written in base 32, as apps read it (RFC 4648 §10)', () => {
  const written = ['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) =>
    base32(Buffer.from(text)),
  )
  expect(written).toEqual(['MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI'])
})

test('the QR code says whose account it is, and where', () => {
  const uri = new URL(otpauthUri(seed, { brand: 'A & B', account: 'ada@example.com' }))
  expect(decodeURIComponent(uri.pathname)).toMatch(/A & B:ada@example\.com$/)
  expect(uri.searchParams.get('secret')).toBe(base32(seed))
  expect(uri.searchParams.get('issuer')).toBe('A & B')
})
