/** What a preset may be, and who has the last word. */
import { loadSettings, readSettings, SettingsRefused } from '../../src/config/load-settings.ts'
import { presetNames, presets } from '../../src/config/presets.ts'
import { settingsInForce } from '../../src/config/settings-table.ts'
import { describe, expect, test } from '../support/test.ts'

type Env = Readonly<Record<string, string>>

const from = (env: Env, toml?: string) => ({
  env,
  cwd: '/srv',
  readFile: (path: string) => (path === '/srv/grantlog.toml' ? toml : undefined),
})

const load = (env: Env, toml?: string) => loadSettings(from(env, toml))

function problems(env: Env): readonly string[] {
  try {
    load(env)
  } catch (error) {
    if (error instanceof SettingsRefused) return error.problems
    throw error
  }
  return []
}

describe('every preset', () => {
  test('is a set of settings that the server accepts as it stands', () => {
    for (const name of presetNames) expect(problems({ GRANTLOG_PRESET: name })).toEqual([])
  })

  test('holds what all four documents say: ten minutes, one hour, strict rotation', () => {
    for (const name of presetNames) {
      const settings = load({ GRANTLOG_PRESET: name })
      expect(settings.codeTtlSeconds).toBe(600)
      expect(settings.refreshGraceSeconds).toBe(0)
      for (const resource of settings.resources) expect(resource.accessTokenTtlSeconds).toBe(3600)
    }
  })

  test('names its resources below the address that the server has here', () => {
    const issuer = { GRANTLOG_ISSUER: 'https://one.example' }
    const api = { ...issuer, GRANTLOG_API_URL: 'https://api.one.example' }
    const resource = (env: Env) => load(env).resources[0]?.resource
    expect(resource({ GRANTLOG_PRESET: 'onegent', ...issuer })).toBe('https://one.example/api/mcp')
    expect(resource({ GRANTLOG_PRESET: 'along', ...api })).toBe('https://api.one.example/mcp/v1')
  })

  test('stays what it was when one server has filled it in', () => {
    const before = JSON.stringify(presets)
    load({ GRANTLOG_PRESET: 'onegent', GRANTLOG_ISSUER: 'https://one.example' })
    expect(JSON.stringify(presets)).toBe(before)
  })
})

describe('the last word', () => {
  const onegent = { GRANTLOG_PRESET: 'onegent' }

  test('has the environment, then the file, then the preset, then the defaults', () => {
    const toml = 'brand = "Filed"\nrevoke_cascade = true\n[registration]\nunknown_scope = "refuse"'
    const settings = load({ ...onegent, GRANTLOG_BRAND: 'Said' }, toml)
    expect(settings.brand).toBe('Said')
    expect(settings.revokeCascade).toBe(true)
    expect(settings.registration.unknownScope).toBe('refuse')
    expect(settings.registration.privateSchemes).toBe(false)
    expect(settings.sessionTtlSeconds).toBe(604_800)
  })

  test('has the file about resources: its list stands in the place of the preset’s', () => {
    const toml = '[[resources]]\nresource = "/mine"\nname = "Mine"\n[resources.scopes]\nx = "X"'
    expect(load(onegent, toml).resources.map(({ resource }) => resource)).toEqual([
      'http://localhost:8484/mine',
    ])
  })

  test('is shown beside each value by `grantlog settings`', () => {
    const read = readSettings(from({ ...onegent, GRANTLOG_BRAND: 'Said' }, 'port = 9000'))
    const origins = new Map(settingsInForce(read).map(({ name, origin }) => [name, origin]))
    expect(origins.get('brand')).toBe('GRANTLOG_BRAND')
    expect(origins.get('port')).toBe('grantlog.toml: port')
    expect(origins.get('realm')).toBe('preset onegent: realm')
    expect(origins.get('session_ttl_seconds')).toBeUndefined()
  })
})

test('a name that no preset has is refused, with those that there are', () => {
  expect(problems({ GRANTLOG_PRESET: 'onegant' })).toEqual([
    'GRANTLOG_PRESET: no preset "onegant"; there are aigon, auth-agent, along, onegent; did you mean onegent?',
  ])
  expect(problems({ GRANTLOG_PRESET: 'toString' })).toEqual([
    'GRANTLOG_PRESET: no preset "toString"; there are aigon, auth-agent, along, onegent',
  ])
})

describe('what a preset may say, anybody may say, and is told when it cannot be', () => {
  test('metadata that leaves out what no client can do without', () => {
    expect(problems({ GRANTLOG_METADATA_MEMBERS: 'issuer,token_endpoint' })).toEqual([
      'GRANTLOG_METADATA_MEMBERS: must name authorization_endpoint, response_types_supported, code_challenge_methods_supported too: no client can do without',
    ])
  })

  test('a prefix that is the beginning of an endpoint’s own path', () => {
    expect(problems({ GRANTLOG_PATH_PREFIXES: '/v1,/api' })).toEqual([
      'GRANTLOG_PATH_PREFIXES: "/api" is where endpoints of the server stand',
    ])
  })

  test('a required scope that the resource does not have', () => {
    const toml =
      '[[resources]]\nresource = "/a"\nname = "A"\nrequired_scopes = ["y"]\n[resources.scopes]\nx = "X"'
    expect(() => load({}, toml)).toThrow('"y" is none of its scopes')
  })
})
