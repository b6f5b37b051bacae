import fc from 'fast-check'
import { asciiHost, redirectHostOf, safeHref } from '../../src/web/safe-href.ts'
import { describe, expect, test } from '../support/test.ts'

describe('A URL from outside', () => {
  test('is a link when it is https, or http to this computer', () => {
    expect(safeHref('https://claude.ai/code')).toBe('https://claude.ai/code')
    expect(safeHref('http://localhost:3000/')).toBe('http://localhost:3000/')
    expect(safeHref('http://127.0.0.1:1/a')).toBe('http://127.0.0.1:1/a')
    expect(safeHref('http://[::1]:1/')).toBe('http://[::1]:1/')
  })

  test('is no link otherwise', () => {
    const refused = [
      undefined,
      '',
      'javascript:alert(1)',
      ' JaVa\tScRiPt:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
      'cursor://x',
      'http://example.com/',
      'http://127.0.0.1.example.com/',
      'http://localhost.example.com/',
      '//example.com',
      '/path',
      'https://bank.example@evil.example/',
      `https://example.com/${'a'.repeat(3000)}`,
    ]
    for (const url of refused) expect(safeHref(url)).toBe(undefined)
  })

  test('gives a link that starts with https:// or http:// whatever comes in', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl(), fc.string(), fc.webUrl({ validSchemes: ['http'] })),
        (url) => {
          expect(safeHref(url) ?? 'https://').toMatch(
            /^https:\/\/|^http:\/\/(localhost|127\.|\[::1\])/,
          )
        },
      ),
    )
  })
})

describe('A host shown to a person', () => {
  test('is in ASCII', () => {
    expect(asciiHost('bücher.example')).toBe('xn--bcher-kva.example')
    expect(asciiHost('\u0430pple.com')).toBe('xn--pple-43d.com')
    expect(asciiHost('127.0.0.1:33418')).toBe('127.0.0.1:33418')
    expect(asciiHost('localhost:443')).toBe('localhost:443')
    expect(asciiHost('cursor://anysphere.cursor-mcp')).toBe('cursor://anysphere.cursor-mcp')
    expect(asciiHost('xn--bcher-kva.example')).toBe('xn--bcher-kva.example')
  })

  test('has no characters but printable ASCII and the ellipsis, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (host) => {
        expect(asciiHost(host)).toMatch(/^[\x20-\x7e…]*$/)
      }),
    )
  })

  test('of a redirect URI is its host, or the scheme of an app with what follows', () => {
    expect(redirectHostOf('https://claude.ai/api/mcp/auth_callback')).toBe('claude.ai')
    expect(redirectHostOf('http://localhost:8787/callback')).toBe('localhost:8787')
    expect(redirectHostOf('http://[::1]:9/callback')).toBe('[::1]:9')
    expect(redirectHostOf('cursor://anysphere.cursor-mcp/oauth/callback')).toBe(
      'cursor://anysphere.cursor-mcp',
    )
    expect(redirectHostOf('com.example.app:/callback')).toBe('com.example.app:')
    expect(redirectHostOf('https://\u0430pple.com/cb')).toBe('xn--pple-43d.com')
  })
})
