import type { SqlValue } from '../../src/projections/statement.ts'
import { touchedBy } from '../../src/store/touched-keys.ts'
import { describe, expect, test } from '../support/test.ts'

function touched(sql: string, args: readonly SqlValue[] = ['a', 'b', 'c']) {
  return touchedBy({ sql, args })
}

const long = `https://app.example/${'x'.repeat(200)}`

describe('rows that the arguments name', () => {
  test('are those that are inserted', () => {
    const sql = 'INSERT INTO "pets" ("pet_id", "name") VALUES (?, ?)'
    expect(touched(sql)).toEqual({ tables: ['pets'], byKey: true })
    expect(touched(`${sql} ON CONFLICT DO NOTHING`)).toEqual({ tables: ['pets'], byKey: true })
  })

  test('are those that are put in the place of others, where an id says which', () => {
    const put = (columns: string) =>
      touched(`INSERT INTO pets (kind, pet_id, age) VALUES (?, ?, ?)
        ON CONFLICT (${columns}) DO UPDATE SET age = excluded.age, kind = excluded.kind`)
    expect(put('pet_id')).toEqual({ tables: ['pets'], byKey: true })
    expect(put('kind, pet_id')).toEqual({ tables: ['pets'], byKey: true })
    expect(put('kind')).toEqual({ tables: ['pets'], byKey: false })
  })

  test('are those of an id, with further conditions', () => {
    for (const sql of [
      'UPDATE "pets" SET "age" = ? WHERE "pet_id" IS ?',
      'UPDATE pets SET age = ?, name = ? WHERE pet_id = ? AND born_at > ? RETURNING 1 AS done',
      'DELETE FROM "pets" WHERE "owner_id" = ? AND "born_at" <= ?',
      'DELETE FROM pets WHERE age > ? AND token_hash = ?',
      'DELETE FROM pets WHERE sub IS ?',
      'DELETE FROM pets WHERE id = ? AND json_array_length("toys") = 0',
    ]) {
      expect(touched(sql)).toEqual({ tables: ['pets'], byKey: true })
    }
  })

  test('are none where the id is no text, is null, or is too long to be kept', () => {
    for (const id of [7, 7n, null, new Uint8Array([7]), long]) {
      expect(touched('DELETE FROM pets WHERE pet_id IS ?', [id]).byKey).toBe(false)
      expect(touched('UPDATE pets SET age = ? WHERE pet_id IS ?', ['a', id]).byKey).toBe(false)
      const put = `INSERT INTO pets (age, pet_id) VALUES (?, ?)
        ON CONFLICT (pet_id) DO UPDATE SET age = excluded.age`
      expect(touched(put, ['a', id]).byKey).toBe(false)
    }
    expect(touched('DELETE FROM pets WHERE pet_id IS ?', []).byKey).toBe(false)
    expect(touched('UPDATE pets SET bio = ? WHERE pet_id IS ?', [long, 'a']).byKey).toBe(true)
    expect(touched('DELETE FROM pets WHERE pet_id = ? AND vet_id = ?', [long, 'a']).byKey).toBe(
      true,
    )
  })
})

describe('any row of the table', () => {
  test('is touched where nobody can tell which', () => {
    for (const sql of [
      'DELETE FROM "pets"',
      'UPDATE "pets" SET age = ?',
      'DELETE FROM pets WHERE born_at < ?',
      'DELETE FROM pets WHERE name = ?',
      'DELETE FROM pets WHERE paid = ?',
      'DELETE FROM pets WHERE pet_id <> ?',
      'DELETE FROM pets WHERE pet_id IS NOT ?',
      'DELETE FROM pets WHERE NOT pet_id = ?',
      'DELETE FROM pets WHERE pet_id = ? OR age = ?',
      'DELETE FROM pets WHERE pet_id = ?1 OR age = ?1',
      'DELETE FROM pets WHERE pet_id = ?2',
      "DELETE FROM pets WHERE name = '?' AND pet_id = ?",
      'DELETE FROM pets WHERE pet_id IN (?, ?)',
      'DELETE FROM pets WHERE pet_id IN (SELECT pet_id FROM lost LIMIT 5)',
      'INSERT INTO pets VALUES (?, ?)',
      'INSERT INTO pets (pet_id) VALUES (?), (?)',
      'INSERT INTO pets (pet_id) VALUES (lower(?))',
      'INSERT INTO pets (pet_id) SELECT pet_id FROM lost WHERE pet_id = ?',
      'INSERT OR REPLACE INTO pets (pet_id) VALUES (?)',
      'REPLACE INTO pets (pet_id) VALUES (?)',
      'INSERT INTO pets (pet_id, age) VALUES (?, ?) ON CONFLICT (age) DO NOTHING',
      'INSERT INTO pets (pet_id, age) VALUES (?, ?) ON CONFLICT DO UPDATE SET age = excluded.age',
      'CREATE TABLE IF NOT EXISTS pets (pet_id TEXT)',
      'DROP TABLE IF EXISTS pets',
      'DROP TABLE `pets`',
    ]) {
      expect(`${sql}: ${JSON.stringify(touched(sql))}`).toBe(
        `${sql}: {"tables":["pets"],"byKey":false}`,
      )
    }
  })

  // Another question may find the row by what it becomes, and the arguments do not say that.
  test('is touched where a column becomes what no argument says', () => {
    for (const sql of [
      'UPDATE pets SET former_hash = token_hash WHERE pet_id = ?',
      'UPDATE pets SET age = age + ? WHERE pet_id = ?',
      'UPDATE pets SET call_key = NULL WHERE pet_id = ?',
      'UPDATE pets SET age = CASE WHEN ? THEN 1 ELSE 2 END WHERE pet_id = ?',
      'INSERT INTO pets (pet_id, age) VALUES (?, ?) ON CONFLICT (pet_id) DO UPDATE SET age = 9',
    ]) {
      expect(touched(sql)).toEqual({ tables: ['pets'], byKey: false })
    }
  })

  test('is touched where the log and its like are written, which nobody asks by key', () => {
    const sql = 'INSERT INTO streams (stream_id, state) VALUES (?, ?)'
    expect(touched(sql)).toEqual({ tables: ['streams'], byKey: false })
  })
})

describe('every table that may change', () => {
  test('is named: those of several, and both names of one', () => {
    const recursive = `WITH RECURSIVE gone(id) AS (VALUES (?) UNION SELECT p.id FROM pets p)
      DELETE FROM "pets" WHERE id IN (SELECT id FROM gone)`
    expect(touched(recursive)).toEqual({ tables: ['pets'], byKey: false })
    const renamed = 'ALTER TABLE `pets` RENAME TO `animals`'
    expect(touched(renamed)).toEqual({ tables: ['pets', 'animals'], byKey: false })
    const both = 'INSERT INTO pets (pet_id) VALUES (?); DELETE FROM owners WHERE owner_id = ?'
    expect(touched(both)).toEqual({ tables: ['pets', 'owners'], byKey: false })
    expect(touched('UPDATE OR IGNORE "pets" SET age = ? WHERE pet_id = ?')).toEqual({
      tables: ['pets'],
      byKey: false,
    })
  })

  test('is none where nothing is written', () => {
    expect(touched('SELECT * FROM pets WHERE pet_id = ?').tables).toEqual([])
    expect(touched('PRAGMA foreign_keys = ON').tables).toEqual([])
  })
})
