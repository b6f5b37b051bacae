/** The migrations make exactly the tables that the code speaks of. */
import { readdirSync, readFileSync } from 'node:fs'
import { is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { migrations, statementsOf } from '../../src/store/migrations.ts'
import { describe, expect, test } from '../support/test.ts'

const folder = (path: string) => new URL(`../../${path}`, import.meta.url)

async function declaredTables(): Promise<SQLiteTable[]> {
  const files = readdirSync(folder('src/projections/')).map((name) => `src/projections/${name}`)
  const modules: Record<string, unknown>[] = await Promise.all(
    ['src/store/schema.ts', ...files].map((path) => import(folder(path).href)),
  )
  const exported = modules.flatMap((module) => Object.values(module))
  return [...new Set(exported.filter((value) => is(value, SQLiteTable)))]
}

function migrated(): LocalConnection {
  const connection = new LocalConnection(':memory:')
  for (const { sql } of migrations.flatMap(statementsOf)) connection.execute(sql)
  return connection
}

/** A table as a fresh database has it, in the terms of `declaredShape`. */
function migratedShape(connection: LocalConnection, name: string) {
  const run = (sql: string) => connection.run({ sql, args: [] })
  const columns = run(`PRAGMA table_info("${name}")`)
  const keys = run(`PRAGMA index_list("${name}")`).map(({ name: index, unique }) => {
    const parts = run(`PRAGMA index_info("${index}")`).map((part) => part.name)
    return { columns: parts.join(), unique: unique === 1 }
  })
  return {
    columns: columns
      .map((c) => `${c.name} ${String(c.type).toLowerCase()} ${c.notnull ? 'not null' : 'null'}`)
      .sort(),
    primaryKey: columns
      .filter(({ pk }) => Number(pk) > 0)
      .sort((a, b) => Number(a.pk) - Number(b.pk))
      .map((column) => column.name)
      .join(),
    indexes: keys.map((key) => `${key.columns} ${key.unique}`),
  }
}

function declaredShape(table: SQLiteTable) {
  const config = getTableConfig(table)
  const single = config.columns.filter(({ primary }) => primary).map(({ name }) => name)
  const composite = config.primaryKeys.flatMap(({ columns }) => columns.map(({ name }) => name))
  const indexes = [
    ...config.indexes.map(({ config: index }) => ({
      columns: index.columns.map((column) => ('name' in column ? column.name : '')).join(),
      unique: index.unique ?? false,
    })),
    ...config.columns
      .filter(({ isUnique }) => isUnique)
      .map(({ name }) => ({ columns: name, unique: true })),
  ]
  return {
    columns: config.columns
      .map((c) => `${c.name} ${c.getSQLType()} ${c.notNull ? 'not null' : 'null'}`)
      .sort(),
    primaryKey: [...single, ...composite].join(),
    indexes: indexes.map((key) => `${key.columns} ${key.unique}`),
  }
}

describe('the migrations', () => {
  test('make every declared table, with its columns, keys and indexes, and no other', async () => {
    const connection = migrated()
    const tables = await declaredTables()
    for (const table of tables) {
      const declared = declaredShape(table)
      const made = migratedShape(connection, getTableConfig(table).name)
      expect(made.columns).toEqual(declared.columns)
      expect(made.primaryKey).toBe(declared.primaryKey)
      // SQLite adds an index of its own for a primary key that is no integer.
      for (const index of declared.indexes) expect(made.indexes).toContain(index)
      const own = [`${declared.primaryKey} true`, ...declared.indexes]
      expect(made.indexes.filter((index) => !own.includes(index))).toEqual([])
    }
    const names = connection.run({
      sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
      args: [],
    })
    const expected = [...tables.map((table) => getTableConfig(table).name), 'events']
    expect(names.map(({ name }) => String(name)).sort()).toEqual(expected.sort())
    connection.close()
  })

  test('list every generated file', () => {
    const generated = readdirSync(folder('drizzle/')).filter((name) => name.endsWith('.sql'))
    for (const name of generated) {
      const sql = readFileSync(new URL(name, folder('drizzle/')), 'utf8')
      expect(migrations).toContainEqual({ name: name.replace('.sql', ''), sql })
    }
  })

  test('keep the log strict, and free of what burns positions', () => {
    const log = migrations.find(({ name }) => name === '0000_log')?.sql ?? ''
    const statements = log.replaceAll(/^--.*$/gm, '')
    expect(statements).toContain(') STRICT')
    expect(statements).not.toContain('AUTOINCREMENT')
  })
})
