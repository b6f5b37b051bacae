/**
 * @see [RFC 6749 §3.1 - Authorization Endpoint](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1)
 */
import { OAuthError } from '../../src/protocol/oauth-error.ts'
import { Parameters, parameterCountMax, parseScope } from '../../src/protocol/parameters.ts'
import { describe, expect, test } from '../support/test.ts'

function read(query: string): Parameters {
  return new Parameters(new URLSearchParams(query))
}

function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof OAuthError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'none'
}

describe('a parameter', () => {
  test('is read once', () => expect(read('a=1&b=2').require('b')).toBe('2'))
  test('without a value counts as absent', () => {
    expect(read('a=').get('a')).toBeUndefined()
    expect(read('a=').has('a')).toBe(false)
    expect(refusalOf(() => read('a=').require('a'))).toBe(
      'invalid_request: Missing required parameter: a',
    )
  })
  test('that is missing is named', () => {
    const words = 'invalid_request: Missing required parameter: client_id'
    expect(refusalOf(() => read('').require('client_id'))).toBe(words)
  })
  test('that repeats is refused, even with the same value, even empty', () => {
    const words = 'invalid_request: Repeated parameter: scope'
    expect(refusalOf(() => read('scope=x&scope=x'))).toBe(words)
    expect(refusalOf(() => read('scope=&scope='))).toBe(words)
  })
  test('that repeats and is none of ours is not told back', () => {
    // A token pasted where a name belongs would come back in the error, and stand in proxies' logs.
    const words = refusalOf(() => read('correcthorse=&correcthorse='))
    expect(words).toMatch(/^invalid_request: /)
    expect(words).not.toContain('correcthorse')
  })
  test('named resource may repeat', () => {
    expect(read('resource=a&resource=b&resource=').all('resource')).toEqual(['a', 'b'])
  })
  test('unknown to us is ignored, up to a limit', () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => `p${n}=1`).join('&')
    expect(refusalOf(() => read(many(parameterCountMax)))).toBe('none')
    expect(refusalOf(() => read(many(parameterCountMax + 1)))).toBe(
      'invalid_request: Too many parameters',
    )
  })
  test('named like a member of every object is no surprise', () => {
    expect(read('__proto__=x').get('constructor')).toBeUndefined()
    expect(read('constructor=x').get('constructor')).toBe('x')
  })
})

describe('a scope', () => {
  test('is a set, whatever the spaces', () => {
    expect(parseScope('  a  b a ')).toEqual(['a', 'b'])
    expect(parseScope(undefined)).toEqual([])
  })
  test('has no quotes, backslashes, control characters or letters beyond ASCII', () => {
    for (const bad of ['a"b', 'a\\b', 'a\tb', 'a\u0000', 'é']) {
      expect(refusalOf(() => parseScope(bad))).toMatch(/^invalid_scope: /)
    }
  })
})
