import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeyring } from '../../src/config/secret.ts'
import { defaultSettings } from '../../src/config/settings.ts'
import { afterAll, describe, expect, test } from '../support/test.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantlog-secret-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the master secret', () => {
  test('is made once beside an embedded database, for its owner alone', () => {
    const dataDir = join(folder, 'data')
    const settings = defaultSettings({ dataDir })
    const first = openKeyring(settings)
    const path = join(dataDir, 'secret')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toMatch(/^[A-Za-z0-9_-]{43}\n$/)
    expect(openKeyring(settings).key('check')).toEqual(first.key('check'))
  })

  test('is the one that was given, and then none is made', () => {
    const dataDir = join(folder, 'none')
    const keyring = openKeyring(defaultSettings({ dataDir, secret: '2:0123456789abcdef' }))
    expect(keyring.current).toBe(2)
    expect(() => statSync(dataDir)).toThrow()
  })

  test('must be given for a database that several processes share', () => {
    const settings = defaultSettings({ databaseUrl: 'http://127.0.0.1:8080' })
    expect(() => openKeyring(settings)).toThrow('GRANTLOG_SECRET')
  })
})
