/** Rows that are put into the tables past the log: what is asked then is how they are read. */
import { join } from 'node:path'
import { LocalConnection } from '../../src/store/local-connection.ts'
import type { TestServer } from './server.ts'

/** So many rows of a table; each column as SQL, in which `n` counts from 1. */
export type Rows = Readonly<
  Record<string, readonly [count: number, columns: Readonly<Record<string, string>>]>
>

/** Ids that sort before those that the server makes. */
export function countedId(prefix: string): string {
  return `'${prefix}_' || printf('%06d', n)`
}

export function fillTables({ dataDir }: Pick<TestServer, 'dataDir'>, rows: Rows): void {
  const database = new LocalConnection(join(dataDir, 'grantlog.db'))
  for (const [table, [count, columns]] of Object.entries(rows)) {
    const names = Object.keys(columns).map((name) => `"${name}"`)
    database.execute(`INSERT INTO "${table}" (${names.join(', ')})
      WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers LIMIT ${count})
      SELECT ${Object.values(columns).join(', ')} FROM numbers`)
  }
  database.close()
}
