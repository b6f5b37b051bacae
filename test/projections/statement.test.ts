/** Statements as data: their text, their arguments, and the way back from a row. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  findAll,
  findOne,
  insert,
  type Reader,
  remove,
  rowOf,
  type Statement,
  select,
  update,
} from '../../src/projections/statement.ts'
import { describe, expect, test } from '../support/test.ts'

const books = sqliteTable('books_v1', {
  bookId: text('book_id').primaryKey(),
  title: text('title').notNull(),
  tags: text('tags', { mode: 'json' }).$type<string[]>().notNull(),
  lent: integer('is_lent', { mode: 'boolean' }).notNull(),
  pages: integer('pages'),
})
const shelves = sqliteTable('shelves_v1', { bookId: text('book_id').primaryKey() })

const book = { bookId: 'b1', title: 'SICP', tags: ['lisp', 'mit'], lent: true, pages: 657 }
const raw = { book_id: 'b1', title: 'SICP', tags: '["lisp","mit"]', is_lent: 1, pages: 657 }

describe('insert', () => {
  test('names columns as the database does and gives values as it takes them', () => {
    expect(insert(books, book)).toEqual({
      sql: 'INSERT INTO "books_v1" ("book_id", "title", "tags", "is_lent", "pages") VALUES (?, ?, ?, ?, ?)',
      args: ['b1', 'SICP', '["lisp","mit"]', 1, 657],
    })
  })

  test('gives false as 0, an empty list as [] and null as null', () => {
    const { args } = insert(books, { ...book, tags: [], lent: false, pages: null })
    expect(args).toEqual(['b1', 'SICP', '[]', 0, null])
  })

  test('gives null for what is undefined', () => {
    expect(insert(books, { ...book, pages: undefined }).args.at(-1)).toBe(null)
  })

  test('leaves out what is not named', () => {
    const { pages: _, ...rest } = book
    expect(insert(books, rest).sql).toBe(
      'INSERT INTO "books_v1" ("book_id", "title", "tags", "is_lent") VALUES (?, ?, ?, ?)',
    )
  })

  test('never puts a value into the text', () => {
    const title = `"; DROP TABLE books_v1; --`
    const { sql, args } = insert(books, { ...book, title })
    expect(sql).not.toContain('DROP')
    expect(args[1]).toBe(title)
  })

  test('refuses what is no column', () => {
    const wrong = { ...book, colour: 'red' }
    expect(() => insert(books, wrong)).toThrow('Cannot make a statement: "colour" is no column')
  })
})

describe('update', () => {
  test('gives what is set before what is asked', () => {
    expect(update(books, { lent: false, tags: ['lent'] }, { bookId: 'b1', title: 'SICP' })).toEqual(
      {
        sql: 'UPDATE "books_v1" SET "is_lent" = ?, "tags" = ? WHERE "book_id" = ? AND "title" = ?',
        args: [0, '["lent"]', 'b1', 'SICP'],
      },
    )
  })

  test('can set null', () => {
    expect(update(books, { pages: null }, { bookId: 'b1' }).args).toEqual([null, 'b1'])
  })
})

describe('remove', () => {
  test('names each condition', () => {
    expect(remove(books, { bookId: 'b1', lent: true })).toEqual({
      sql: 'DELETE FROM "books_v1" WHERE "book_id" = ? AND "is_lent" = ?',
      args: ['b1', 1],
    })
  })
})

describe('select', () => {
  test('asks for what is missing without an argument, which an index could not be used for', () => {
    expect(select(books, { pages: null, lent: false })).toEqual({
      sql: 'SELECT * FROM "books_v1" WHERE "pages" IS NULL AND "is_lent" = ?',
      args: [0],
    })
  })

  test('names each condition', () => {
    expect(select(books, { tags: ['lisp'], lent: false })).toEqual({
      sql: 'SELECT * FROM "books_v1" WHERE "tags" = ? AND "is_lent" = ?',
      args: ['["lisp"]', 0],
    })
  })

  test('without conditions asks for all', () => {
    expect(select(books, {})).toEqual({ sql: 'SELECT * FROM "books_v1"', args: [] })
  })
})

describe('the text of a statement', () => {
  const other = { ...book, bookId: 'b2', lent: false }
  const pairs: Record<string, [Statement, Statement]> = {
    insert: [insert(books, book), insert(books, other)],
    update: [
      update(books, { lent: true }, { bookId: 'b1' }),
      update(books, { lent: false }, { bookId: 'b2' }),
    ],
    remove: [remove(books, { bookId: 'b1' }), remove(books, { bookId: 'b2' })],
    select: [select(books, { bookId: 'b1' }), select(books, { bookId: 'b2' })],
  }
  for (const [kind, [first, second]] of Object.entries(pairs)) {
    test(`of ${kind} is the same for the same shape, whatever the values`, () => {
      expect(Object.is(first.sql, second.sql)).toBe(true)
      expect(first.args).not.toEqual(second.args)
    })
  }

  test('differs between tables, kinds and parts', () => {
    const texts = [
      select(books, { bookId: 'b1' }),
      select(shelves, { bookId: 'b1' }),
      remove(books, { bookId: 'b1' }),
      select(books, { title: 'b1' }),
      update(books, { bookId: 'b1', title: 't' }, { pages: 1 }),
      update(books, { bookId: 'b1' }, { title: 't', pages: 1 }),
    ].map(({ sql }) => sql)
    expect(new Set(texts).size).toBe(texts.length)
  })
})

describe('a row', () => {
  test('comes back in the types of its table', () => {
    expect(rowOf(books, raw)).toEqual(book)
  })

  test('has false for 0, and null where the database has null or nothing', () => {
    const { pages: _, ...rest } = raw
    expect(rowOf(books, { ...raw, is_lent: 0, pages: null })).toEqual({
      ...book,
      lent: false,
      pages: null,
    })
    expect(rowOf(books, rest).pages).toBe(null)
  })

  test('has true for 1 also where integers come as bigint', () => {
    expect(rowOf(books, { ...raw, is_lent: 1n }).lent).toBe(true)
  })

  test('leaves out columns that the table does not know', () => {
    expect(Object.keys(rowOf(books, { ...raw, newer: 1 }))).toEqual(Object.keys(book))
  })

  test('written and read is the same row', () => {
    for (const row of [book, { ...book, tags: [], lent: false, pages: null }]) {
      const names = Object.keys(raw)
      const stored = insert(books, row).args.map((value, at) => [names[at], value])
      expect(rowOf(books, Object.fromEntries(stored))).toEqual(row)
    }
  })
})

describe('finding', () => {
  function holding(rows: (typeof raw)[], asked: Statement[] = []): Reader {
    return {
      async get(statement) {
        asked.push(statement)
        return rows[0]
      },
      async all(statement) {
        asked.push(statement)
        return rows
      },
    }
  }

  test('one asks for what matches and gives its row, or undefined', async () => {
    const asked: Statement[] = []
    expect(await findOne(holding([raw], asked), books, { bookId: 'b1' })).toEqual(book)
    expect(asked).toEqual([select(books, { bookId: 'b1' })])
    expect(await findOne(holding([]), books, { bookId: 'b1' })).toBeUndefined()
  })

  test('all gives every row', async () => {
    expect(await findAll(holding([raw, raw]), books, { lent: true })).toEqual([book, book])
    expect(await findAll(holding([]), books, { lent: true })).toEqual([])
  })
})
