/** What an operator may say of an MCP server that stands behind this one. */
import { loadSettings, SettingsRefused } from '../../src/config/load-settings.ts'
import { settingsInForce } from '../../src/config/settings-table.ts'
import { describe, expect, test } from '../support/test.ts'

function load(upstream: string, resource = '/mcp/files') {
  const toml = `
issuer = "https://auth.example.com"
[[resources]]
resource = "${resource}"
name = "Files"
scopes = { "files:read" = "Read your files" }
[resources.upstream]
${upstream}`
  return loadSettings({ env: {}, cwd: '/srv', readFile: () => toml })
}

function problems(upstream: string, resource?: string): readonly string[] {
  try {
    load(upstream, resource)
  } catch (error) {
    if (error instanceof SettingsRefused) return error.problems
    throw error
  }
  return []
}

const url = 'url = "https://files.example.com/mcp"'

describe('an upstream', () => {
  test('needs no more than its URL; then nothing of it is offered', () => {
    expect(load(url).resources[0]?.upstream).toMatchObject({
      url: 'https://files.example.com/mcp',
      allowPrivate: false,
      credential: 'none',
      tools: {},
      methods: {},
      toolsList: 'filtered',
      trust: 'first_use',
      recordArguments: 'hash',
      recordReads: 'before',
    })
  })

  test('has its tools under their own names', () => {
    const settings = load(`${url}\ntools = { "read_*" = "files:read", readAll = "files:read" }`)
    expect(settings.resources[0]?.upstream?.tools).toEqual({
      'read_*': 'files:read',
      readAll: 'files:read',
    })
  })

  test('shows its settings without a secret, because it has none', () => {
    const settings = load(`${url}\ncredential = "bearer"\ncredential_env = "FILES_TOKEN"`)
    const told = settingsInForce({ settings, originOf: () => undefined })
    expect(JSON.stringify(told)).toContain('FILES_TOKEN')
  })
})

describe('what cannot be is refused', () => {
  const at = 'grantlog.toml: resources[0].upstream'
  const cases: [string, string[], string?][] = [
    ['url = "http://files.internal/mcp"', [`${at}.url: is plain http, which needs allow_private`]],
    [
      'url = "https://user:secret@files.example.com/mcp"',
      [`${at}.url: is no URL, or has credentials in it`],
    ],
    ['url = "ftp://files.example.com"', []],
    [
      `${url}\ntools = { "*" = "files:write" }`,
      [`${at}.tools: "files:write" is none of its resource's scopes`],
    ],
    [`${url}\ntools = { "a b" = "files:read" }`, [`${at}.tools: "a b" is no name or pattern`]],
    [
      `${url}\nmethods = { "resources/*" = "x" }`,
      [`${at}.methods: "x" is none of its resource's scopes`],
    ],
    [`${url}\nscopes = ["x"]`, [`${at}.scopes: "x" is none of its resource's scopes`]],
    [`${url}\napproval = ["ü"]`, [`${at}.approval: "ü" is no name or pattern`]],
    [`${url}\ncredential = "bearer"`, [`${at}: credential_env is missing; "bearer" needs it`]],
    [
      `${url}\ncredential = "header"\ncredential_env = "A"`,
      [`${at}: credential_header is missing; "header" needs it`],
    ],
    ...['Authorization', 'Cookie', 'Host', 'Mcp-Session-Id', 'X-Grantlog-Identity'].map(
      (header): [string, string[]] => [
        `${url}\ncredential = "header"\ncredential_env = "A"\ncredential_header = "${header}"`,
        [`${at}.credential_header: is a header that means something else`],
      ],
    ),
    [
      url,
      [`${at}: is for a resource with a plain path below api_url`],
      'https://other.example/mcp',
    ],
    [url, [`${at}: is for a resource with a plain path below api_url`], '/mcp/:id'],
    [url, [`${at}: is for a resource with a plain path below api_url`], '/mcp/*'],
    ...['/api/mcp', '/oauth/mcp', '/account', '/admin/mcp', '/token'].map(
      (path): [string, string[], string] => [
        url,
        [`${at}: cannot be at "${path}": endpoints of the server stand there`],
        path,
      ],
    ),
  ]
  for (const [upstream, expected, resource] of cases) {
    test(`${upstream.replaceAll('\n', ', ')} at ${resource ?? 'its path'}`, () => {
      const found = problems(upstream, resource)
      if (expected.length > 0) expect(found).toEqual(expected)
      expect(found.length).toBeGreaterThan(0)
      expect(found.join()).not.toContain('secret')
    })
  }
})
