/** Keys follow from one secret, each for one use, and nothing said about a secret repeats it. */
import { createHmac, hkdfSync } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { equalSecrets, type KeyLabel, Keyring, sha256 } from '../../src/domain/keyring.ts'
import { describe, expect, test } from '../support/test.ts'

const secret = 'correct horse battery staple'
const labels: KeyLabel[] = ['wrap', 'refresh', 'lookup', 'check', 'csrf', 'cookie']

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

describe('a key', () => {
  test('is the same for the same secret, in this process and in the next', () => {
    expect(Keyring.parse(secret).key('wrap')).toEqual(Keyring.parse(secret).key('wrap'))
  })

  test('is HKDF-SHA-256 of the secret under its label and version (RFC 5869)', () => {
    const expected = hkdfSync('sha256', secret, 'grantlog', 'grantlog refresh 1', 32)
    expect(hex(Keyring.parse(secret).key('refresh'))).toBe(hex(new Uint8Array(expected)))
  })

  // A change here locks every installation out of its own data.
  test('has this value for ever', () => {
    expect(hex(Keyring.parse(secret).key('wrap'))).toBe(
      'aff78ebd80ba7e35571ea8ca1511a7a62a83d6f6e0e62bf540aaeaaba584e71b',
    )
  })

  test('differs by label and by version', () => {
    const keyring = Keyring.parse(`1:${secret},2:${secret}`)
    const keys = labels.flatMap((label) => [keyring.key(label, 1), keyring.key(label, 2)].map(hex))
    expect(new Set(keys).size).toBe(labels.length * 2)
  })

  test('differs by secret', () => {
    expect(hex(Keyring.parse(secret).key('wrap'))).not.toBe(
      hex(Keyring.parse(`${secret}!`).key('wrap')),
    )
  })

  test('is derived under the highest version unless told', () => {
    const keyring = Keyring.parse('2:the newer secret,10:the newest secret,1:the oldest secret')
    expect(keyring.current).toBe(10)
    expect(keyring.versions.toSorted((a, b) => a - b)).toEqual([1, 2, 10])
    expect(keyring.key('wrap')).toEqual(keyring.key('wrap', 10))
  })

  test('of an old version stays what it was when a new version comes', () => {
    const before = Keyring.parse(secret).key('wrap', 1)
    expect(Keyring.parse(`2:the newer secret,1:${secret}`).key('wrap', 1)).toEqual(before)
  })

  test('of a version that is not there cannot be had', () => {
    expect(() => Keyring.parse(secret).key('wrap', 2)).toThrow(
      'Cannot derive a key: version 2 of the secret is missing',
    )
  })
})

describe('a secret as an operator writes it', () => {
  test('is version 1 when it says none', () => {
    expect(Keyring.parse(secret).versions).toEqual([1])
    expect(Keyring.parse(`1:${secret}`).key('wrap')).toEqual(Keyring.parse(secret).key('wrap'))
  })

  test('may have space around each part, and a colon inside', () => {
    const keyring = Keyring.parse(' 2:a secret: with a colon , 1:some older secret ')
    expect(keyring.key('wrap', 2)).toEqual(Keyring.parse('2:a secret: with a colon').key('wrap', 2))
  })

  test('has 16 bytes at least, counted as UTF-8', () => {
    expect(() => Keyring.parse('x'.repeat(15))).toThrow('under 16 bytes')
    expect(Keyring.parse('x'.repeat(16)).current).toBe(1)
    expect(Keyring.parse('é'.repeat(8)).current).toBe(1)
  })

  test('has 16 bytes in every version', () => {
    expect(() => Keyring.parse(`2:${secret},1:short`)).toThrow('under 16 bytes')
  })

  test('names each version once', () => {
    expect(() => Keyring.parse(`1:${secret},1:${secret}!`)).toThrow('version 1 repeats')
  })

  test('without a version may hold commas', () => {
    expect(Keyring.parse(`${secret},and more`).versions).toEqual([1])
  })

  test('is needed', () => {
    expect(() => Keyring.parse('')).toThrow('Cannot use the secret')
    expect(() => new Keyring(new Map())).toThrow('Cannot make a keyring: no master secret')
  })

  test('is never echoed by what parsing throws', () => {
    const part = fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme-ascii' })
    fc.assert(
      fc.property(
        fc.array(
          part.filter((p) => /[g-z]{4}/.test(p)),
          { minLength: 1 },
        ),
        (parts) => {
          const said = errorOf(() => Keyring.parse(parts.join(',')))
          for (const part of parts) expect(said.includes(part)).toBe(false)
        },
      ),
    )
    for (const text of ['hunter2', '1:hunter2', `1:${secret},1:${secret}`]) {
      const said = errorOf(() => Keyring.parse(text))
      expect(said).toMatch(/^Cannot use the secret: /)
      for (const word of ['hunter', 'horse', 'staple']) expect(said).not.toContain(word)
    }
  })

  test('does not show when a keyring is printed', () => {
    const keyring = Keyring.parse(secret)
    const key = keyring.key('wrap').toString('hex')
    const shown = inspect(keyring, { depth: 9 }) + JSON.stringify(keyring) + String(keyring)
    for (const leak of ['horse', key, key.slice(0, 8), 'Map']) expect(shown).not.toContain(leak)
  })
})

describe('a MAC', () => {
  const keyring = Keyring.parse(secret)
  const parts = fc.array(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 4 })

  test('is HMAC-SHA-256 over its parts, each after its length, as unpadded base64url', () => {
    const hmac = createHmac('sha256', keyring.key('lookup')).update('3:abc2:é').digest('base64url')
    expect(keyring.mac('lookup', ['abc', 'é'])).toBe(hmac)
    expect(hmac).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test('of two different lists of parts differs', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b)
        expect(keyring.mac('lookup', a) === keyring.mac('lookup', b)).toBe(same)
      }),
    )
  })

  test('of one text differs wherever it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 2, maxLength: 12 }), (text) => {
        const characters = [...text]
        const macs = characters.map((_, cut) =>
          keyring.mac('lookup', [
            characters.slice(0, cut).join(''),
            characters.slice(cut).join(''),
          ]),
        )
        expect(new Set([...macs, keyring.mac('lookup', [text])]).size).toBe(characters.length + 1)
      }),
    )
  })

  test('of parts that imitate a length differs', () => {
    const lists = [['a', 'b'], ['a1:b'], ['1:a1:b'], ['ab'], ['', 'ab'], ['ab', ''], []]
    expect(new Set(lists.map((list) => keyring.mac('lookup', list))).size).toBe(lists.length)
  })

  test('differs by label and version', () => {
    const both = Keyring.parse(`1:${secret},2:${secret}`)
    const macs = labels.flatMap((label) => [both.mac(label, ['a'], 1), both.mac(label, ['a'], 2)])
    expect(new Set(macs).size).toBe(labels.length * 2)
  })
})

describe('secrets are equal', () => {
  test('exactly when they are the same text', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 })
    fc.assert(fc.property(text, text, (a, b) => equalSecrets(a, b) === (a === b)))
    fc.assert(fc.property(text, (a) => equalSecrets(a, a)))
  })

  test('never when the length differs, in characters or in bytes', () => {
    expect(equalSecrets('abc', 'abcd')).toBe(false)
    expect(equalSecrets('e', 'é')).toBe(false)
    expect(equalSecrets('', 'a')).toBe(false)
  })
})

test('a hash is SHA-256 in unpadded base64url, as S256 of RFC 7636 has it', () => {
  // The verifier and challenge of RFC 7636, Appendix B.
  expect(sha256('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  )
})

function errorOf(act: () => unknown): string {
  try {
    act()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
