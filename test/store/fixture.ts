/** A small domain of its own for the store's tests: members with a unique key, and notes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type } from '@sinclair/typebox'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { type DomainEvent, defineEvent, type EventType, open } from '../../src/domain/event.ts'
import type { Append } from '../../src/domain/event-log.ts'
import { newId } from '../../src/domain/ids.ts'
import { Keyring } from '../../src/domain/keyring.ts'
import { defineProjection, on } from '../../src/projections/projection.ts'
import { insert, update } from '../../src/projections/statement.ts'
import { migrations } from '../../src/store/migrations.ts'
import { openStore, type Store, type StoreOptions } from '../../src/store/open.ts'

export const MemberJoined = defineEvent('MemberJoined', {
  version: 1,
  subject: 'memberId',
  payload: {
    memberId: open(Type.String()),
    handle: open(Type.String()),
    email: Type.String({ minLength: 3 }),
  },
})

export const MemberErased = defineEvent('MemberErased', {
  version: 1,
  payload: { memberId: open(Type.String()) },
})

export const Noted = defineEvent('Noted', {
  version: 1,
  payload: { text: open(Type.String()) },
})

export const eventTypes = [MemberJoined, MemberErased, Noted] as unknown as readonly EventType[]

export const members = sqliteTable('members_v1', {
  memberId: text('member_id').primaryKey(),
  handle: text('handle').notNull().unique(),
  email: text('email'),
  joins: integer('joins').notNull(),
})

export const membersProjection = defineProjection(
  'members_v1',
  [members],
  [
    on(MemberJoined, (member) => [insert(members, { ...member, joins: 1 })]),
    on(MemberErased, ({ memberId }) => [update(members, { email: null }, { memberId })]),
  ],
)

export const membersMigration = {
  name: 'test_members',
  sql: `CREATE TABLE members_v1 (member_id TEXT PRIMARY KEY, handle TEXT NOT NULL UNIQUE, email TEXT, joins INTEGER NOT NULL)`,
}

export const keyring = Keyring.parse('a secret for the tests of the store')

/** The options of a store for these tests, with a clock that the test sets. */
export function optionsFor(url: string, changes: Partial<StoreOptions> = {}): StoreOptions {
  return {
    url,
    keyring,
    eventTypes,
    projections: [membersProjection],
    migrations: [...migrations, membersMigration],
    clock: Date.now,
    ...changes,
  }
}

export function openTestStore(url: string, changes: Partial<StoreOptions> = {}): Promise<Store> {
  return openStore(optionsFor(url, changes))
}

interface WriteOptions extends Partial<Omit<Append, 'writes'>> {
  readonly expectedVersion?: number
  readonly state?: unknown
}

/** An append of these events to one stream. */
export function appendOf(
  streamId: string,
  events: readonly DomainEvent[],
  { expectedVersion = 0, state = {}, ...rest }: WriteOptions = {},
): Append {
  return {
    commandId: newId('cmd'),
    cause: { actor: 'cli', correlationId: 'request' },
    guards: [],
    writes: [{ streamId, expectedVersion, events, state, stateSchema: 1 }],
    ...rest,
  }
}

export function note(streamId: string, options: WriteOptions = {}): Append {
  return appendOf(streamId, [Noted({ text: streamId })], options)
}

export function joining(memberId: string, options: WriteOptions = {}): Append {
  const payload = { memberId, handle: `handle-${memberId}`, email: `${memberId}@example.com` }
  return appendOf(`member/${memberId}`, [MemberJoined(payload)], options)
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('It did not fail')
}

/** A directory that goes with the test. */
export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'grantlog-store-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
