import fc from 'fast-check'
import { newId } from '../../../src/domain/ids.ts'
import { Keyring } from '../../../src/domain/keyring.ts'
import {
  type Derivation,
  deriveApiToken,
  deriveTokens,
  hasApiTokenShape,
  hasTokenShape,
  type KindWithHandle,
  newToken,
  newTokenOf,
  type TokenKind,
} from '../../../src/protocol/tokens/token-text.ts'
import { describe, expect, test } from '../../support/test.ts'

const marks: Record<TokenKind, string> = {
  access: 'at',
  refresh: 'rt',
  code: 'ac',
  device: 'dc',
  'client secret': 'cs',
  'client management': 'cm',
  session: 'ss',
  setup: 'su',
  'mail link': 'ml',
  agent: 'ag',
  lease: 'jl',
  'back channel': 'bc',
  'agent request': 'ar',
}
const kinds = Object.keys(marks) as TokenKind[]
const grantId = newId('grt')

function hasHandle(kind: TokenKind): kind is KindWithHandle {
  return ['access', 'refresh', 'code', 'device', 'back channel'].includes(kind)
}

function tokenOf(kind: TokenKind): string {
  return hasHandle(kind) ? newTokenOf('glt', kind, grantId) : newToken('glt', kind)
}

describe('a token', () => {
  for (const kind of kinds) {
    test(`of kind ${kind} says so, holds 256 bits, and stays within [A-Za-z0-9_-]`, () => {
      const token = tokenOf(kind)
      const characters = hasHandle(kind) ? 77 : 49
      expect(token).toMatch(new RegExp(`^glt_${marks[kind]}_[A-Za-z0-9_-]{${characters}}$`))
      for (const other of kinds) expect(hasTokenShape(token, other)).toBe(other === kind)
    })
  }

  test('is never the same twice', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => tokenOf('code'))).size).toBe(1_000)
  })

  test('with one character changed, added or taken away is none', () => {
    const token = tokenOf('refresh')
    const anywhere = fc.integer({ min: 0, max: token.length - 1 })
    fc.assert(
      fc.property(anywhere, fc.constantFrom(...'Aa0_-.= \n'), (at, letter) => {
        const changed = token.slice(0, at) + letter + token.slice(at + 1)
        if (changed !== token) expect(hasTokenShape(changed, 'refresh')).toBe(false)
        expect(hasTokenShape(token.slice(0, at) + letter + token.slice(at), 'refresh')).toBe(false)
        expect(hasTokenShape(token.slice(0, at) + token.slice(at + 1), 'refresh')).toBe(false)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the tokens of an issue', () => {
  const keyring = Keyring.parse('2:the newer of two secrets,1:the older of two secrets')
  const from: Derivation = {
    presented: 'a code',
    grantId,
    generation: 1,
    keyVersion: 2,
    nonce: 'n',
  }

  test('are the same when they are derived again', () => {
    expect(deriveTokens(keyring, from, 'glt')).toEqual(deriveTokens(keyring, { ...from }, 'glt'))
  })

  test('have the shape of their kinds, and are not derived from each other', () => {
    const { refreshToken, accessToken } = deriveTokens(keyring, from, 'glt')
    expect(hasTokenShape(refreshToken, 'refresh')).toBe(true)
    expect(hasTokenShape(accessToken, 'access')).toBe(true)
    expect(refreshToken.slice(35, 78)).not.toBe(accessToken.slice(35, 78))
  })

  test('differ when any one part differs, and under another secret', () => {
    const variants: Derivation[] = [
      from,
      { ...from, presented: 'another code' },
      { ...from, grantId: newId('grt') },
      { ...from, generation: 2 },
      { ...from, keyVersion: 1 },
      { ...from, nonce: 'm' },
      // Parts that run together the same way.
      { ...from, nonce: 'n1', generation: 1 },
      { ...from, nonce: 'n', generation: 11 },
    ]
    const other = Keyring.parse('2:not the newer of two secrets,1:x marks the older one')
    const derived = [
      ...variants.map((variant) => deriveTokens(keyring, variant, 'glt')),
      deriveTokens(other, from, 'glt'),
    ]
    for (const part of ['refreshToken', 'accessToken'] as const) {
      expect(new Set(derived.map((tokens) => tokens[part])).size).toBe(derived.length)
    }
  })
})

describe('API tokens', () => {
  const keyring = Keyring.parse('2:the newer of two secrets,1:and this is the older one')
  const from = { apiTokenId: 'tok_1', generation: 1, keyVersion: 2, nonce: 'n' }

  test('have their prefix, and are taken for no other kind', () => {
    for (const prefix of ['glt_live', 'ogk_live', 'x']) {
      const token = deriveApiToken(keyring, from, prefix)
      expect([token.slice(0, prefix.length + 1), hasApiTokenShape(token)]).toEqual([
        ...[`${prefix}_`, true],
      ])
      expect(hasTokenShape(token, 'access')).toBe(false)
    }
    for (const kind of ['access', 'refresh', 'client secret', 'session'] as const) {
      expect(hasApiTokenShape(tokenOf(kind))).toBe(false)
    }
  })

  test('are refused with another checksum, another length, or without a prefix', () => {
    const token = deriveApiToken(keyring, from, 'glt_live')
    const last = token.endsWith('A') ? 'B' : 'A'
    for (const wrong of [token.slice(0, -1) + last, token.slice(1), `${token}A`, token.slice(9)]) {
      expect(hasApiTokenShape(wrong)).toBe(false)
    }
  })

  test('differ when any one part differs', () => {
    const variants = [
      from,
      { ...from, apiTokenId: 'tok_2' },
      { ...from, generation: 2 },
      { ...from, keyVersion: 1 },
      { ...from, nonce: 'm' },
    ]
    const tokens = variants.map((variant) => deriveApiToken(keyring, variant, 'glt_live'))
    expect(new Set(tokens).size).toBe(variants.length)
  })
})
