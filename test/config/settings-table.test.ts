import { defaultSettings } from '../../src/config/settings.ts'
import { settingsAsMarkdown, settingsInForce } from '../../src/config/settings-table.ts'
import { describe, expect, test } from '../support/test.ts'

describe('the table of settings', () => {
  test('has a row for each setting, with both of its names and its default', () => {
    const table = settingsAsMarkdown()
    expect(table).toContain('| `port` | `GRANTLOG_PORT` | `8484` |')
    expect(table).toContain('| `registration.open` | `GRANTLOG_REGISTRATION_OPEN` | `true` |')
    expect(table).toContain('| `resources[].access_token_format` | – | `"opaque"` |')
  })

  test('shows what is in force, and hides what is secret', () => {
    const settings = defaultSettings({
      secret: 'a-planted-secret-value',
      databaseUrl: 'libsql://user:planted@db.example',
      upstreams: [{ id: 'google', name: 'Google', clientId: 'us', clientSecret: 'planted' }],
    })
    const shown = new Map(
      settingsInForce({ settings, originOf: () => undefined }).map(({ name, value }) => [
        name,
        value,
      ]),
    )
    expect(shown.get('secret')).toBe('(hidden)')
    expect(shown.get('upstreams')).toContain('"clientSecret":"(hidden)"')
    expect(shown.get('database_auth_token')).toBe('(not set)')
    expect([...shown.values()].join()).not.toContain('planted')
  })
})
