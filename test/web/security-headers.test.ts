import { pageHeaders } from '../../src/web/security-headers.ts'
import { stylesheet } from '../../src/web/stylesheet.ts'
import { describe, expect, test } from '../support/test.ts'

function policyOf(redirectUri?: string): string {
  return pageHeaders({ redirectUri })['content-security-policy'] ?? ''
}

function formActionOf(redirectUri?: string): string | undefined {
  return policyOf(redirectUri)
    .split('; ')
    .find((directive) => directive.startsWith('form-action'))
}

describe('The headers of a page', () => {
  test('allow nothing but our stylesheet, images and forms', () => {
    expect(policyOf()).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
  })

  test('let scripts from here run where a page says so, and none inside the page', () => {
    const policy = pageHeaders({ runsScript: true })['content-security-policy']
    expect(policy).toContain("default-src 'none'; script-src 'self'; ")
    expect(policyOf()).not.toContain('script-src')
  })

  test('let the one script that waits for an agent ask this server, and no other', () => {
    const waiting = pageHeaders({ runsScript: true, asksServer: true })
    expect(waiting['content-security-policy']).toContain("connect-src 'self'; ")
    const others = pageHeaders({ runsScript: true })['content-security-policy']
    expect(others).not.toContain('connect-src')
  })

  test('refuse framing, sniffing, storing and referrers', () => {
    expect(pageHeaders()).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
    })
    expect(pageHeaders()['permissions-policy']).toContain('camera=()')
  })

  test('let the form of a consent end at the origin of its client', () => {
    const sources = {
      'https://claude.ai/api/mcp/auth_callback': 'https://claude.ai',
      'https://b\u00fccher.example:8443/cb?x=1': 'https://xn--bcher-kva.example:8443',
      'http://127.0.0.1:33418/': 'http://127.0.0.1:33418',
      'http://localhost:51234/callback': 'http://localhost:51234',
      'http://localhost/callback': 'http://localhost',
      // A host source has no form for an IPv6 address.
      'http://[::1]:51234/callback': 'http:',
      'cursor://anysphere.cursor-mcp/oauth/callback': 'cursor:',
      'com.example.app:/callback': 'com.example.app:',
    }
    for (const [redirectUri, source] of Object.entries(sources)) {
      expect(formActionOf(redirectUri)).toBe(`form-action 'self' ${source}`)
    }
  })

  test('name no origin that could add to the policy or run something', () => {
    const refused = [
      'javascript:alert(1)',
      'data:text/html,x',
      'http://example.com/cb',
      'https://*/cb',
      'https://a;sandbox/cb',
      'https://a,default-src/cb',
      "https://'unsafe-inline'/cb",
      'not a uri',
      '',
    ]
    for (const redirectUri of refused) expect(policyOf(redirectUri)).toBe(policyOf())
  })

  test('leave the tie to its opener to a page that a client may have opened in a pop-up', () => {
    const opener = 'cross-origin-opener-policy'
    expect(pageHeaders({ openedByClient: true })[opener]).toBe('unsafe-none')
    expect(pageHeaders({ redirectUri: 'https://claude.ai/cb' })[opener]).toBe('unsafe-none')
  })
})

describe('The stylesheet', () => {
  test('is named by its content and kept for ever', () => {
    expect(stylesheet.path).toMatch(/^\/assets\/grantlog-[\w-]{16}\.css$/)
    expect(stylesheet.path).toContain(stylesheet.etag.replaceAll('"', ''))
    expect(stylesheet.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  test('holds Pico and ours, and loads nothing from elsewhere', () => {
    expect(stylesheet.body).toContain('Pico CSS')
    expect(stylesheet.body).toContain('.decision')
    expect(stylesheet.body).not.toContain('@import')
    const loads = [...stylesheet.body.matchAll(/url\(\s*["']?(.{5})/gi)].map(([, start]) => start)
    expect([...new Set(loads)]).toEqual(['data:'])
  })
})
