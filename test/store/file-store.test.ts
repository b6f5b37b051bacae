/** The suite of every store, on a file. */
import { join } from 'node:path'
import type { Database, Transaction } from '../../src/store/database.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { temporaryDirectory } from './fixture.ts'
import { describeStore } from './store-suite.ts'

describeStore('a file', async () => {
  const directory = temporaryDirectory()
  const path = join(directory.path, 'data', 'log.db')
  return {
    url: `file:${path}`,
    connect: async () => beside(new LocalConnection(path, { busyTimeoutMs: 5_000 })),
    remove: async () => directory.remove(),
  }
})

/** A database without the lock that keeps other processes out. */
function beside(connection: LocalConnection): Database {
  return {
    transact: async (transaction: Transaction) => connection.transact(transaction),
    query: async (statement) => connection.run(statement),
    snapshot: async (statements) => connection.snapshot(statements),
    close: async () => connection.close(),
  }
}
