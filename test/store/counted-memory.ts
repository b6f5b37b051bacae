/** A memory over a database in memory, which counts the questions that reach it. */
import type { Statement } from '../../src/projections/statement.ts'
import type { Database, Transaction } from '../../src/store/database.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { ReadMemory } from '../../src/store/read-memory.ts'

export function openCounted(...tables: readonly string[]) {
  const connection = new LocalConnection(':memory:')
  for (const table of tables) connection.execute(`CREATE TABLE ${table}`)
  const asked: string[] = []
  const database: Database = {
    transact: async (transaction) => connection.transact(transaction),
    query: async (statement) => {
      asked.push(statement.sql)
      return connection.run(statement)
    },
    snapshot: async (statements) => connection.snapshot(statements),
    close: async () => connection.close(),
  }
  const memory = new ReadMemory(database)
  const write = (sql: string, ...args: Statement['args']) => memory.transact(writing(sql, ...args))
  return { connection, database, memory, asked, write }
}

export function writing(sql: string, ...args: Statement['args']): Transaction {
  return { preconditions: [], units: [[{ sql, args }]] }
}
