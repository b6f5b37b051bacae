/**
 * A file belongs to one server process. The claim is an exclusive lock on a small database beside
 * it, `<file>-lock`: the operating system holds it, so it dies with the process, however it dies.
 */
import { chmodSync } from 'node:fs'
import { LocalConnection } from './local-connection.ts'

/** Another process has this file open; a libSQL server is the way to several processes. */
export class DatabaseInUse extends Error {
  override name = 'DatabaseInUse'
}

/** What is held stays referenced: a connection that is collected as garbage gives its lock back. */
const held = new Set<LocalConnection>()

export interface FileLock {
  release(): void
}

/** @throws {DatabaseInUse} when the lock is held, by this process or another */
export function lockFile(path: string): FileLock {
  const connection = new LocalConnection(`${path}-lock`)
  try {
    chmodSync(`${path}-lock`, 0o600)
    connection.execute('BEGIN EXCLUSIVE')
  } catch (error) {
    connection.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    throw new DatabaseInUse(
      `Cannot open "${path}": another Grantlog process has it; stop that one, or give both a ` +
        'libSQL server (GRANTLOG_DATABASE_URL=http://…)',
    )
  }
  held.add(connection)
  return {
    release() {
      held.delete(connection)
      connection.execute('ROLLBACK')
      connection.close()
    },
  }
}
