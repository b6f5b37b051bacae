/** Every text of SQL that stores on files were sent while it was listened to, once each. */
import type { Statement } from '../../src/projections/statement.ts'
import type { Transaction } from '../../src/store/database.ts'
import { FileDatabase } from '../../src/store/file-database.ts'

export interface RecordedStatements {
  readonly statements: () => readonly Statement[]
  stop(): void
}

/** What is sent goes on as it came; a class is listened to, because the server makes its own. */
export function recordStatements(): RecordedStatements {
  const sent = new Map<string, Statement>()
  const keep = (statement: Statement) => {
    if (!sent.has(statement.sql)) sent.set(statement.sql, statement)
  }
  const { prototype } = FileDatabase
  const { query, snapshot, transact } = prototype
  prototype.query = function (statement: Statement) {
    keep(statement)
    return query.call(this, statement)
  }
  prototype.snapshot = function (statements: readonly Statement[]) {
    for (const statement of statements) keep(statement)
    return snapshot.call(this, statements)
  }
  prototype.transact = function (transaction: Transaction) {
    for (const statement of [transaction.preconditions, ...transaction.units].flat())
      keep(statement)
    return transact.call(this, transaction)
  }
  return {
    statements: () => [...sent.values()],
    stop: () => Object.assign(prototype, { query, snapshot, transact }),
  }
}
