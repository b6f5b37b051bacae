/**
 * Redirect URIs that an operator lets every known client use.
 *
 * @see [RFC 9700 §2.1 - Protecting Redirect-Based Flows](https://www.rfc-editor.org/rfc/rfc9700.html#section-2.1)
 */
import { matchesPattern } from '../../../src/protocol/clients/redirect-uri.ts'
import { describe, expect, test } from '../../support/test.ts'

const patterns = [
  'https://claude.ai/api/mcp/auth_callback',
  'https://chatgpt.com/connector/oauth/{id}',
  'https://tenant.example/{id}/cb',
]

describe('a pattern lets in', () => {
  const good = [
    'https://claude.ai/api/mcp/auth_callback',
    'https://chatgpt.com/connector/oauth/a-B_9',
    `https://chatgpt.com/connector/oauth/${'x'.repeat(128)}`,
    'https://tenant.example/acme/cb',
  ]
  for (const uri of good) test(uri, () => expect(matchesPattern(uri, patterns)).toBe(true))
})

describe('a pattern keeps out', () => {
  const bad = [
    'https://claude.ai/api/mcp/auth_callback/',
    'https://claude.ai/api/mcp/auth_callback?a=b',
    'https://claude.ai/api/mcp/auth_callback#a',
    'https://claude.ai.evil.example/api/mcp/auth_callback',
    'https://claude.ai@evil.example/api/mcp/auth_callback',
    'http://claude.ai/api/mcp/auth_callback',
    'HTTPS://claude.ai/api/mcp/auth_callback',
    'https://claude.ai:444/api/mcp/auth_callback',
    'https://claude.ai/api/mcp/../mcp/auth_callback',
    'https://chatgpt.com/connector/oauth/',
    'https://chatgpt.com/connector/oauth/a/b',
    'https://chatgpt.com/connector/oauth/..',
    'https://chatgpt.com/connector/oauth/a%2fb',
    'https://chatgpt.com/connector/oauth/a?b',
    'https://chatgpt.com/connector/oauth/{id}',
    `https://chatgpt.com/connector/oauth/${'x'.repeat(129)}`,
    'https://tenant.example/a/b/cb',
    'https://tenant.example//cb',
    'https://tenant.example/%2e%2e/cb',
    'https://evil.example\\@tenant.example/a/cb',
    'http://localhost:1/cb',
    '',
  ]
  for (const uri of bad)
    test(uri || 'nothing', () => expect(matchesPattern(uri, patterns)).toBe(false))
})

describe('a pattern of this machine', () => {
  const any = ['http://localhost:*/*']
  const one = ['http://localhost:*/cb']
  test('lets in any port and path of it, however it is called', () => {
    for (const uri of ['http://localhost:1/', 'http://127.0.0.1:65535/a/b?c', 'http://[::1]/x']) {
      expect(matchesPattern(uri, any)).toBe(true)
    }
  })
  test('may name the path', () => {
    expect(matchesPattern('http://127.0.0.1:5/cb', one)).toBe(true)
    expect(matchesPattern('http://127.0.0.1:5/cb/', one)).toBe(false)
    expect(matchesPattern('http://127.0.0.1:5/cb?a', one)).toBe(false)
  })
  test('keeps out every other', () => {
    const others = [
      'http://localhost.evil.example:1/cb',
      'http://localhost:1@evil.example/cb',
      'http://127.0.0.2:1/cb',
      'http://localhost:99999/cb',
      'https://localhost:1/cb',
      'http://localhost:1/../cb',
      'http://0.0.0.0:1/cb',
    ]
    for (const uri of others) expect(matchesPattern(uri, any)).toBe(false)
  })
})
