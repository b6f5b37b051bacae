/** Conditions of a transaction as statements: one that does not hold breaks a check, and is refused. */
import type { SqlValue, Statement } from '../projections/statement.ts'

export function assertThat(condition: string, args: readonly SqlValue[]): Statement {
  return { sql: `INSERT INTO assertions (holds) SELECT 0 WHERE NOT (${condition})`, args }
}
