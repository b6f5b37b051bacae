/**
 * @see [RFC 8707 §2 - Resource Parameter](https://www.rfc-editor.org/rfc/rfc8707.html#section-2)
 */
import type { Resource } from '../../src/config/resource-settings.ts'
import { defaultSettings } from '../../src/config/settings.ts'
import { OAuthError } from '../../src/protocol/oauth-error.ts'
import {
  findResource,
  resourceMetadataUrl,
  resourcesOf,
  scopesFor,
} from '../../src/protocol/resources.ts'
import { describe, expect, test } from '../support/test.ts'

const mcp = 'https://api.example.com/mcp'
const root = 'https://root.example.com'
const settings = defaultSettings({
  issuer: 'https://auth.example.com',
  resources: [
    {
      resource: mcp,
      name: 'MCP',
      defaultScopes: ['mcp:read'],
      scopes: { 'mcp:read': 'Read', 'mcp:write': 'Write' },
    },
    { resource: root, name: 'Root', defaultScopes: ['root:read'], scopes: { 'root:read': 'Read' } },
  ],
})

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof OAuthError) return error.code
    throw error
  }
  return 'none'
}

function named(identifier: string) {
  return resourcesOf(settings, { resources: [identifier], scopes: [] })[0] as Resource
}

function asked(resources: string[], scopes: string[] = []): string {
  return resourcesOf(settings, { resources, scopes })
    .map(({ resource }) => resource)
    .join(' ')
}

describe('a resource indicator', () => {
  test('is the configured one whatever the case of its scheme and host', () => {
    expect(asked(['HTTPS://API.Example.com/mcp'])).toBe(mcp)
  })
  test('of a bare host is the same with and without a slash', () => {
    expect(asked([root])).toBe(root)
    expect(asked([`${root}/`])).toBe(root)
    expect(asked([`${root}:443`])).toBe(root)
  })
  test('is another when path, query, port, host or scheme differ', () => {
    const others = [`${mcp}/`, `${mcp}/x`, 'https://api.example.com/MCP', `${mcp}?x`, `${mcp}#x`]
    const more = [
      'https://api.example.com:8443/mcp',
      'http://api.example.com/mcp',
      'mcp',
      `${root}/x`,
    ]
    for (const other of [
      ...others,
      ...more,
      'https://api.example.com',
      'https://x@api.example.com/mcp',
    ]) {
      expect(codeOf(() => asked([other]))).toBe('invalid_target')
    }
  })
  test('counts once however often it is sent', () => {
    expect(asked([mcp, mcp])).toBe(mcp)
    expect(asked([root, `${root}/`])).toBe(root)
  })
  test('may be one of several, in the order that they are asked for', () => {
    expect(asked([root, mcp])).toBe(`${root} ${mcp}`)
    expect(codeOf(() => asked([mcp, 'https://elsewhere.example']))).toBe('invalid_target')
  })
  test('finds the audit of the server too', () => {
    expect(findResource(settings, 'https://auth.example.com/audit')?.defaultScopes).toEqual([
      'audit:read',
    ])
  })
})

describe('without a resource indicator', () => {
  test('the first resource is meant', () => expect(asked([])).toBe(mcp))
  test('the first that offers every scope is meant', () => {
    expect(asked([], ['root:read', 'openid'])).toBe(root)
    expect(asked([], ['openid'])).toBe(mcp)
    expect(asked([], ['audit:read'])).toBe('https://auth.example.com/audit')
  })
  test('scopes that nobody offers do not change which one that is', () => {
    // A client that adds `offline_access` to all that it asks for was sent to the first resource,
    // and refused there for its own scope.
    expect(asked([], ['root:read', 'offline_access'])).toBe(root)
    expect(asked([], ['offline_access'])).toBe(mcp)
  })
})

describe('the scopes of a request', () => {
  const resource = named(mcp)
  test('are the default ones when none is asked for', () => {
    expect(scopesFor({ settings, resource }, [])).toEqual(['mcp:read'])
  })
  test('leave out what is not offered here', () => {
    expect(
      scopesFor({ settings, resource }, ['mcp:write', 'offline_access', 'root:read', 'toString']),
    ).toEqual(['mcp:write'])
  })
  test('are refused when nothing is left', () => {
    expect(codeOf(() => scopesFor({ settings, resource }, ['offline_access']))).toBe(
      'invalid_scope',
    )
  })
})

test('the metadata of a resource stands at the well-known path before its own (RFC 9728 §3.1)', () => {
  const at = (identifier: string) => resourceMetadataUrl(named(identifier))
  expect(at(mcp)).toBe('https://api.example.com/.well-known/oauth-protected-resource/mcp')
  expect(at(root)).toBe('https://root.example.com/.well-known/oauth-protected-resource')
})
