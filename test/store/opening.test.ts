/** Opening a database that another program, another secret or an older version has written. */
import { join } from 'node:path'
import { Type } from '@sinclair/typebox'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { defineEvent, type EventType, open } from '../../src/domain/event.ts'
import { LogFenced, LogUnavailable } from '../../src/domain/event-log.ts'
import { Keyring } from '../../src/domain/keyring.ts'
import { defineProjection, on } from '../../src/projections/projection.ts'
import { findAll, insert } from '../../src/projections/statement.ts'
import { WrongSecret } from '../../src/store/keyring-check.ts'
import { migrations } from '../../src/store/migrations.ts'
import { libsqlServerAvailable, startLibsqlServer } from '../support/libsql-server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import {
  appendOf,
  eventTypes,
  failureOf,
  joining,
  MemberJoined,
  membersMigration,
  note,
  openTestStore,
  temporaryDirectory,
} from './fixture.ts'

const membersV2 = sqliteTable('members_v2', {
  memberId: text('member_id').primaryKey(),
  handleLength: integer('handle_length').notNull(),
})

const membersProjectionV2 = defineProjection(
  'members_v2',
  [membersV2],
  [
    on(MemberJoined, ({ memberId, handle }) => [
      insert(membersV2, { memberId, handleLength: handle.length }),
    ]),
  ],
)

const newerMigrations = [
  ...migrations,
  membersMigration,
  {
    name: 'test_members_v2',
    sql: 'CREATE TABLE members_v2 (member_id TEXT PRIMARY KEY, handle_length INTEGER NOT NULL)',
  },
]

const NotedInWords = defineEvent('Noted', {
  version: 2,
  payload: { words: open(Type.Array(Type.String())) },
})

describe('opening a database', () => {
  let directory: ReturnType<typeof temporaryDirectory>
  let url: string

  beforeEach(() => {
    directory = temporaryDirectory()
    url = `file:${join(directory.path, 'log.db')}`
  })
  afterEach(() => directory.remove())

  test('a new version of a projection is filled from the log, and fences the older program off', async () => {
    const older = await openTestStore(url)
    await older.log.append(joining('ada'))
    await older.close()
    const changes = { projections: [membersProjectionV2], migrations: newerMigrations }
    const newer = await openTestStore(url, changes)
    expect(await findAll(newer.reader, membersV2, {})).toEqual([
      { memberId: 'ada', handleLength: 'handle-ada'.length },
    ])
    await newer.log.append(joining('bob'))
    expect((await newer.rebuild()).tables).toEqual([
      { table: 'members_v2', rows: 2, differed: false },
    ])
    await newer.close()
    const failure = await failureOf(openTestStore(url))
    expect(failure).toBeInstanceOf(LogFenced)
    expect(failure.message).toContain('projection "members v2"')
  })

  test('events of an older version are upcast as they are read', async () => {
    const older = await openTestStore(url)
    await older.log.append(note('note/a'))
    await older.close()
    const types = eventTypes.filter(({ name }) => name !== 'Noted')
    const upcaster = {
      type: 'Noted',
      from: 1,
      upcast: (payload: Readonly<Record<string, unknown>>) => ({
        words: String(payload.text).split('/'),
      }),
    }
    const newer = await openTestStore(url, {
      eventTypes: [...types, NotedInWords as unknown as EventType],
      upcasters: [upcaster],
    })
    await newer.log.append(
      appendOf('note/a', [NotedInWords({ words: ['b'] })], { expectedVersion: 1 }),
    )
    const read = await newer.log.read({ streamId: 'note/a' })
    expect(read.map(({ payload, schemaVersion }) => [schemaVersion, payload])).toEqual([
      [1, { words: ['note', 'a'] }],
      [2, { words: ['b'] }],
    ])
    await newer.close()
    const failure = await failureOf(openTestStore(url))
    expect(failure.message).toContain('event "Noted v2"')
  })

  test('another secret is refused; a newer version beside the old one is not', async () => {
    const first = await openTestStore(url)
    await first.log.append(joining('ada'))
    await first.close()
    const wrong = Keyring.parse('some other secret of a server')
    expect(await failureOf(openTestStore(url, { keyring: wrong }))).toBeInstanceOf(WrongSecret)
    const gone = Keyring.parse('2:some other secret of a server')
    const failure = await failureOf(openTestStore(url, { keyring: gone }))
    expect(failure).toBeInstanceOf(WrongSecret)
    expect(failure.message).toContain('version 1')
    const both = Keyring.parse(
      '2:some other secret of a server,1:a secret for the tests of the store',
    )
    const rotated = await openTestStore(url, { keyring: both })
    const [event] = await rotated.log.read({ streamId: 'member/ada' })
    expect(event?.payload.email).toBe('ada@example.com')
    await rotated.close()
  })

  test('streams are proved by their deciders, and mended', async () => {
    const counting = {
      noun: 'note',
      stateSchema: 1,
      initial: { notes: 0 },
      evolve: (state: unknown) => ({ notes: (state as { notes: number }).notes + 1 }),
    }
    const store = await openTestStore(url, { deciders: [counting] })
    await store.log.append(note('note/a', { state: { notes: 1 } }))
    await store.log.append(note('note/b', { state: { notes: 7 } }))
    const streamsOf = async () =>
      (await store.rebuild()).tables.find(({ table }) => table === 'streams')
    expect(await streamsOf()).toEqual({ table: 'streams', rows: 2, differed: true })
    expect(await streamsOf()).toEqual({ table: 'streams', rows: 2, differed: false })
    expect((await store.log.load(['note/b']))[0]?.state).toEqual({ notes: 1 })
    await store.close()
  })
})

if (libsqlServerAvailable) {
  describe('a libSQL server', () => {
    test('is refused while it acknowledges what is not on disk', async () => {
      const server = await startLibsqlServer({ durability: 'relaxed' })
      const failure = await failureOf(openTestStore(server.url))
      expect(failure.message).toContain('durability_mode')
      await server.stop()
    })

    test('serves two processes: of two decisions on one stream one holds, and time is shared', async () => {
      const server = await startLibsqlServer()
      const [ahead, behind] = await Promise.all([
        openTestStore(server.url, { clock: () => 2_000_000 }),
        openTestStore(server.url, { clock: () => 1_000_000 }),
      ])
      await ahead.log.append(note('note/a'))
      const outcomes = await Promise.allSettled(
        [ahead, behind].flatMap((store) =>
          ['note/b', 'note/c', 'note/d'].map((id) => store.log.append(note(id))),
        ),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
      await behind.log.append(note('note/e'))
      const stamps = (await ahead.log.read({})).map(({ recordedAt }) => recordedAt)
      expect(stamps).toEqual([2_000_000, 2_000_000, 2_000_000, 2_000_000, 2_000_000])
      await server.stop()
      expect(await failureOf(ahead.log.append(note('note/f')))).toBeInstanceOf(LogUnavailable)
      expect(await failureOf(ahead.health())).toBeInstanceOf(LogUnavailable)
      await Promise.all([ahead.close(), behind.close()])
    })
  })
}
