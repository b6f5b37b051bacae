/**
 * The master secret that every key is derived from. A server with an embedded database makes its
 * own once and keeps it beside the database, readable by its owner alone. A server on a shared
 * database must be told it: processes with different secrets could not read each other's keys.
 */
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Keyring } from '../domain/keyring.ts'
import type { Settings } from './settings.ts'

const secretBytes = 32

/** @throws {Error} when a shared database is used without `GRANTLOG_SECRET` */
export function openKeyring(settings: Settings): Keyring {
  if (settings.secret !== undefined) return Keyring.parse(settings.secret)
  if (!settings.databaseUrl.startsWith('file:')) {
    throw new Error(
      'Cannot start on a libSQL server without a secret: every process needs the same one.\n' +
        'Make one with `openssl rand -base64 32` and give it to all of them as GRANTLOG_SECRET.',
    )
  }
  return Keyring.parse(readOrCreate(settings.dataDir))
}

function readOrCreate(dataDir: string): string {
  const path = join(dataDir, 'secret')
  return read(path) ?? create(path, dataDir)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Written whole under another name first, then linked: `link` fails where the name exists, so two
 * processes that start together end with one secret, and neither reads a half-written one.
 */
function create(path: string, dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${randomBytes(secretBytes).toString('base64url')}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  })
  try {
    linkSync(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return readFileSync(path, 'utf8').trim()
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
