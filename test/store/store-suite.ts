/**
 * What a store does, wherever its database is: one suite, run against a file and a real server.
 * `freshUrl` gives the address of a database of which each test takes streams of its own.
 */

import {
  AlreadyConsumed,
  KeyTaken,
  LogFenced,
  VersionConflict,
} from '../../src/domain/event-log.ts'
import { newId } from '../../src/domain/ids.ts'
import { EventTooLarge, leafHash } from '../../src/domain/leaf-hash.ts'
import { findOne, type SqlValue } from '../../src/projections/statement.ts'
import type { Database } from '../../src/store/database.ts'
import { InvalidEvent } from '../../src/store/event-codec.ts'
import type { Store } from '../../src/store/open.ts'
import { subjectKeyId } from '../../src/store/subject-keys.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import {
  appendOf,
  eventTypes,
  failureOf,
  joining,
  MemberErased,
  MemberJoined,
  members,
  Noted,
  note,
  openTestStore,
} from './fixture.ts'

export interface Place {
  readonly url: string
  /** A second connection to the same database, for what the store itself would never do. */
  connect(): Promise<Database>
  remove(): Promise<void>
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}

export function describeStore(name: string, makePlace: () => Promise<Place>): void {
  describe(`a store on ${name}`, () => {
    let place: Place
    let store: Store
    let now = Date.parse('2026-01-01T00:00:00Z')
    const open = () => openTestStore(place.url, { clock: () => now })
    const stream = () => newId('note')

    async function all(sql: string, args: SqlValue[] = []) {
      return store.reader.all({ sql, args })
    }

    /** What the database says to a statement that the store would never send. */
    async function refusalOf(sql: string): Promise<string> {
      const database = await place.connect()
      const outcome = await database.transact({ preconditions: [], units: [[{ sql, args: [] }]] })
      await database.close()
      const unit = outcome.committed ? outcome.units[0] : undefined
      return unit && !unit.done ? unit.refusal.message : 'it was done'
    }

    beforeAll(async () => {
      place = await makePlace()
      store = await open()
    })
    afterAll(async () => {
      await store.close()
      await place.remove()
    })

    test('what was appended is read back, with the folded state', async () => {
      const id = stream()
      const { events } = await store.log.append(note(id, { state: { notes: [1] } }))
      const [event] = await store.log.read({ streamId: id })
      expect(event?.eventId).toBe(events[0]?.eventId)
      expect(event?.position).toBe(events[0]?.position)
      expect(event?.payload).toEqual({ text: id })
      expect(event?.recordedAt).toBe(now)
      expect(await store.log.find(event?.eventId ?? '')).toEqual(event)
      expect(await store.log.load([id, 'note/none'])).toEqual([
        { streamId: id, version: 1, state: { notes: [1] }, stateSchema: 1 },
        { streamId: 'note/none', version: 0, state: null, stateSchema: 0 },
      ])
    })

    test('the second of two writers of one version is refused, and nothing of it is written', async () => {
      const id = stream()
      await store.log.append(note(id))
      const other = stream()
      const late = note(id)
      const both = { ...late, writes: [...note(other).writes, ...late.writes] }
      const failure = await failureOf(store.log.append(both))
      expect(failure).toBeInstanceOf(VersionConflict)
      expect((failure as VersionConflict).streamId).toBe(id)
      expect(await store.log.read({ streamId: other })).toEqual([])
    })

    test('a guarded stream that has moved stops the append', async () => {
      const id = stream()
      const guards = [{ streamId: id, version: 0 }]
      await store.log.append(note(stream(), { guards }))
      await store.log.append(note(id))
      expect(await failureOf(store.log.append(note(stream(), { guards })))).toBeInstanceOf(
        VersionConflict,
      )
      await store.log.append(note(stream(), { guards: [{ streamId: id, version: 1 }] }))
      const stale = [{ streamId: id, version: 2 }]
      expect(await failureOf(store.log.append(note(stream(), { guards: stale })))).toBeInstanceOf(
        VersionConflict,
      )
    })

    test('the same command is carried out once, at once or later', async () => {
      const append = note(stream())
      const answers = await Promise.all([store.log.append(append), store.log.append(append)])
      const later = await store.log.append({ ...append })
      expect(answers[1]).toEqual(answers[0])
      expect(later).toEqual(answers[0])
      const [write] = append.writes
      expect(await store.log.read({ streamId: write?.streamId ?? '' })).toHaveLength(1)
    })

    test('a command that comes again is known though all that it rested on has moved', async () => {
      const guarded = stream()
      await store.log.append(note(guarded))
      const append = note(stream(), { guards: [{ streamId: guarded, version: 1 }] })
      const first = await store.log.append(append)
      await store.log.append(note(guarded, { expectedVersion: 1 }))
      expect(await store.log.append({ ...append })).toEqual(first)
    })

    test('in a batch only those that conflict are refused, and positions stay dense', async () => {
      const taken = stream()
      await store.log.append(note(taken))
      const before = store.commits()
      const attempts = Array.from({ length: 20 }, (_, index) =>
        note(index % 5 === 0 ? taken : stream()),
      )
      const outcomes = await Promise.allSettled(attempts.map((append) => store.log.append(append)))
      expect(outcomes.map(({ status }) => status)).toEqual(
        attempts.map((_, index) => (index % 5 === 0 ? 'rejected' : 'fulfilled')),
      )
      expect(store.commits() - before).toBeLessThan(16)
      const [row] = await all('SELECT count(*) AS n, max(position) AS top FROM events')
      expect(row?.n).toBe(row?.top)
    })

    test('an expiring entry is consumed once, and not after its end', async () => {
      const consumes = [{ kind: 'ticket', id: newId('t') }] as const
      const entry = { ...consumes[0], body: { for: 'a' }, expiresAt: now + 1000 }
      await store.expiring.put(entry)
      const both = [note(stream(), { consumes }), note(stream(), { consumes })]
      const outcomes = await Promise.allSettled(both.map((append) => store.log.append(append)))
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await store.expiring.put({ ...entry, expiresAt: now })
      expect(await failureOf(store.log.append(note(stream(), { consumes })))).toBeInstanceOf(
        AlreadyConsumed,
      )
    })

    test('expiring entries end, are removed, counted and purged, all outside the log', async () => {
      const [before] = await all('SELECT count(*) AS n FROM events')
      const id = newId('x')
      await store.expiring.put({ kind: 'k', id, body: [1, null], expiresAt: now + 5 })
      expect(await store.expiring.get('k', id)).toEqual([1, null])
      const counts = await Promise.all([1, 2, 3].map(() => store.expiring.count('tries', id, 60)))
      expect(counts.sort()).toEqual([1, 2, 3])
      now += 60_000
      expect(await store.expiring.get('k', id)).toBeUndefined()
      expect(await store.expiring.count('tries', id, 60)).toBe(1)
      await store.expiring.remove('tries', id)
      expect(await store.expiring.count('tries', id, 60)).toBe(1)
      expect(await store.expiring.purge()).toBeGreaterThanOrEqual(1)
      expect(await all('SELECT * FROM expiring WHERE expires_at <= ?', [now])).toEqual([])
      expect(await all('SELECT count(*) AS n FROM events')).toEqual([before ?? {}])
    })

    test('an expiring entry is consumed as it was read, or the append is overtaken', async () => {
      const ticket = { kind: 'ticket', id: newId('t') }
      const read = { text: 'é "\ud800" \u0000', list: [1, null], nested: { a: 'b' } }
      const append = (body: unknown) =>
        store.log.append(note(stream(), { consumes: [{ ...ticket, body }] }))
      expect(await failureOf(append(read))).toBeInstanceOf(VersionConflict)
      await store.expiring.put({ ...ticket, body: read, expiresAt: now + 1000 })
      expect(await failureOf(append({ ...read, list: [2] }))).toBeInstanceOf(VersionConflict)
      await append(await store.expiring.get(ticket.kind, ticket.id))
      expect(await store.expiring.get(ticket.kind, ticket.id)).toBeUndefined()
      await store.expiring.put({ ...ticket, body: read, expiresAt: now })
      expect(await failureOf(append(read))).toBeInstanceOf(VersionConflict)
    })

    test('an append that takes an entry to be absent is overtaken where it is there', async () => {
      const [absent, id] = [[{ kind: 'ticket', id: newId('t') }] as const, stream()]
      const entry = { ...absent[0], body: {}, expiresAt: now + 1000 }
      await store.expiring.put(entry)
      expect(await failureOf(store.log.append(note(id, { absent })))).toBeInstanceOf(
        VersionConflict,
      )
      expect((await store.log.load([id]))[0]?.version).toBe(0)
      await store.expiring.put({ ...entry, expiresAt: now })
      await store.log.append(note(id, { absent }))
      await store.expiring.remove(entry.kind, entry.id)
      await store.log.append(note(stream(), { absent }))
    })

    test('an expiring entry is replaced while it is there, and ends when it would have', async () => {
      const ticket = { kind: 'ticket', id: newId('t') }
      const get = () => store.expiring.get(ticket.kind, ticket.id)
      expect(await store.expiring.replace({ ...ticket, body: 'b' })).toBe(false)
      expect(await get()).toBeUndefined()
      await store.expiring.put({ ...ticket, body: 'a', expiresAt: now + 1000 })
      expect(await store.expiring.replace({ ...ticket, body: 'b' })).toBe(true)
      expect(await get()).toBe('b')
      const ends = 'SELECT expires_at FROM expiring WHERE id = ?'
      expect(await all(ends, [ticket.id])).toEqual([{ expires_at: now + 1000 }])
      await store.expiring.put({ ...ticket, body: 'a', expiresAt: now })
      expect(await store.expiring.replace({ ...ticket, body: 'b' })).toBe(false)
    })

    test('an expiring entry is taken once, and not after its end', async () => {
      const entry = { kind: 'ticket', id: newId('t'), body: { for: 'a' }, expiresAt: now + 1000 }
      const take = () => store.expiring.take(entry.kind, entry.id)
      expect(await take()).toBeUndefined()
      await store.expiring.put(entry)
      expect(await store.expiring.take('another kind', entry.id)).toBeUndefined()
      const taken = await Promise.all([take(), take(), take()])
      expect(taken.filter((body) => body !== undefined)).toEqual([entry.body])
      expect(await store.expiring.get(entry.kind, entry.id)).toBeUndefined()
      await store.expiring.put({ ...entry, expiresAt: now })
      expect(await take()).toBeUndefined()
    })

    test('a business key belongs to one, and the refused append leaves nothing', async () => {
      await store.log.append(joining('ada'))
      const id = newId('m')
      const twin = { memberId: id, handle: 'handle-ada', email: 'b@example.com' }
      const append = appendOf(`member/${id}`, [MemberJoined(twin)])
      const failure = await failureOf(store.log.append(append))
      expect(failure).toBeInstanceOf(KeyTaken)
      expect((failure as KeyTaken).key).toBe('members_v1.handle')
      expect(failure.message).not.toContain('ada')
      expect(await store.log.read({ streamId: `member/${id}` })).toEqual([])
      expect(await store.secrets.read(subjectKeyId(id))).toBeUndefined()
    })

    test('a sealed field is unreadable in the log, readable through it, null once erased', async () => {
      const id = newId('m')
      await store.log.append(joining(id))
      const read = async () => (await store.log.read({ streamId: `member/${id}` }))[0]?.payload
      const [row] = await all('SELECT * FROM events WHERE stream_id = ?', [`member/${id}`])
      const stored = Buffer.from(row?.payload as Uint8Array).toString()
      expect(stored).toContain(id)
      expect(stored).not.toContain('@example.com')
      expect((await read())?.email).toBe(`${id}@example.com`)
      const erasure = appendOf(`member/${id}`, [MemberErased({ memberId: id })], {
        expectedVersion: 1,
        forgets: [subjectKeyId(id)],
      })
      await store.log.append(erasure)
      expect(await read()).toEqual({ memberId: id, handle: `handle-${id}`, email: null })
      const [after] = await all('SELECT * FROM events WHERE stream_id = ?', [`member/${id}`])
      expect(after).toEqual(row ?? {})
      const { tables } = await store.rebuild()
      expect(tables.filter(({ differed }) => differed)).toEqual([])
    })

    test('nothing is sealed for somebody erased so that it can be read, and the rest stays as it is', async () => {
      const id = newId('m')
      await store.log.append(note(stream(), { forgets: [subjectKeyId(id)] }))
      await store.log.append(joining(id))
      const [late] = await store.log.read({ streamId: `member/${id}` })
      expect(late?.payload).toMatchObject({ memberId: id, email: null })
      expect((await findOne(store.reader, members, { memberId: id }))?.email).toBeNull()
      expect(await store.secrets.read(subjectKeyId(id))).toBeUndefined()
      const { tables } = await store.rebuild()
      expect(tables.filter(({ differed }) => differed)).toEqual([])
    })

    test("two appends at once that both need a new person's key share one", async () => {
      const id = newId('m')
      const twin = MemberJoined({ memberId: id, handle: newId('h'), email: 'x@example.com' })
      const other = MemberJoined({ memberId: id, handle: newId('h'), email: 'y@example.com' })
      const first = store.log.append(appendOf(stream(), [twin]))
      const outcomes = await Promise.allSettled([
        first,
        store.log.append(appendOf(stream(), [other])),
      ])
      // The read model takes a member once; which of the two it is does not matter here.
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const found = await findOne(store.reader, members, { memberId: id })
      expect(['x@example.com', 'y@example.com']).toContain(found?.email ?? '')
    })

    test('a secret is kept with the events that speak of it, and not without them', async () => {
      const id = newId('secret')
      const value = Buffer.from([1, 2, 3])
      const taken = stream()
      await store.log.append(note(taken))
      await failureOf(store.log.append(note(taken, { secrets: [{ id, value }] })))
      expect(await store.secrets.read(id)).toBeUndefined()
      await store.log.append(note(stream(), { secrets: [{ id, value }] }))
      expect([...((await store.secrets.read(id)) ?? [])]).toEqual([1, 2, 3])
    })

    test('time never runs backwards in the log', async () => {
      const late = (await store.log.append(note(stream()))).events[0]
      now -= 3_600_000
      const early = (await store.log.append(note(stream()))).events[0]
      const [first, second] = await Promise.all(
        [late, early].map((event) => store.log.find(event?.eventId ?? '')),
      )
      expect(second?.recordedAt).toBe(first?.recordedAt ?? 0)
      now += 3_600_000
    })

    test('the leaf hash is the hash of the row as it stands', async () => {
      for (const row of await all('SELECT * FROM events ORDER BY position DESC LIMIT 5')) {
        const expected = leafHash({
          eventId: row.event_id as string,
          streamId: row.stream_id as string,
          version: row.version as number,
          type: row.type as string,
          schemaVersion: row.schema_version as number,
          recordedAt: row.recorded_at as number,
          actor: row.actor as string,
          correlationId: row.correlation_id as string,
          causationId: row.causation_id as string | null,
          payload: row.payload as Uint8Array,
        })
        expect(Buffer.from(row.leaf_hash as Uint8Array).toString('hex')).toBe(
          expected.toString('hex'),
        )
      }
    })

    test('queries filter by type, actor, correlation, position and time, both ways', async () => {
      now += 10_000
      const from = now
      const cause = { actor: newId('agent'), correlationId: newId('r') }
      for (const _ of [1, 2, 3]) await store.log.append(note(stream(), { cause }))
      const until = now
      now += 10_000
      const after = (await store.log.append(note(stream()))).events[0]?.position ?? 0
      const own = await store.log.read({ actor: cause.actor, types: ['Noted'] })
      expect(own).toHaveLength(3)
      const positions = own.map(({ position }) => position)
      const read = async (query: Parameters<typeof store.log.read>[0]) =>
        (await store.log.read(query)).map(({ position }) => position)
      expect(await read({ from, until })).toEqual(positions)
      expect(await read({ correlationId: cause.correlationId, limit: 2 })).toEqual(
        positions.slice(0, 2),
      )
      expect(await read({ from, order: 'newest first' })).toEqual([
        after,
        ...positions.toReversed(),
      ])
      expect(await read({ after: positions[0] ?? 0, before: after })).toEqual(positions.slice(1))
      expect(await read({ until: 0 })).toEqual([])
      expect(await read({ from: now + 1 })).toEqual([])
      expect(await read({ actor: cause.actor, types: ['MemberJoined'] })).toEqual([])
    })

    test('the database itself refuses to change, replace or delete an event', async () => {
      await store.log.append(note(stream()))
      expect(await refusalOf(`UPDATE events SET actor = 'x' WHERE position = 1`)).toContain('never')
      expect(await refusalOf('DELETE FROM events WHERE position = 1')).toContain('archive alone')
      const columns = `stream_id, version, type, schema_version, recorded_at, actor,
        correlation_id, causation_id, payload, leaf_hash`
      for (const changed of [
        `position, event_id || 'x', ${columns.replace('stream_id', "stream_id || 'x'")}`,
        `position + 100000, event_id, ${columns.replace('stream_id', "stream_id || 'x'")}`,
        `position + 100000, event_id || 'x', ${columns}`,
      ]) {
        const sql = `INSERT OR REPLACE INTO events (position, event_id, ${columns})
          SELECT ${changed} FROM events WHERE position = 1`
        expect(await refusalOf(sql)).toContain('never replaced')
      }
    })

    test('an event that is too large, or not what its type says, is refused by name alone', async () => {
      const text = 'v'.repeat(70_000)
      const large = await failureOf(store.log.append(appendOf(stream(), [Noted({ text })])))
      expect(large).toBeInstanceOf(EventTooLarge)
      const payload = { memberId: newId('m'), handle: 'hidden-value', email: 'no' }
      const invalid = await failureOf(
        store.log.append(appendOf(stream(), [{ type: 'MemberJoined', payload }])),
      )
      expect(invalid).toBeInstanceOf(InvalidEvent)
      expect(invalid.message).toContain('/email')
      expect(invalid.message).not.toContain('hidden-value')
      const unknown = await failureOf(
        store.log.append(appendOf(stream(), [{ type: 'Unheard', payload: {} }])),
      )
      expect(unknown).toBeInstanceOf(InvalidEvent)
    })

    test('a use is told at once, and is on disk soon; the newest counts', async () => {
      const [id, expiresAt] = [newId('t'), now + 1000]
      for (const at of [1, 2]) store.uses.note({ kind: 'use', id, body: { at }, expiresAt })
      expect(await store.uses.last('use', id)).toEqual({ at: 2 })
      expect(await store.expiring.get('use', id)).toBeUndefined()
      for (let count = 0; count < 1_000; count += 1) {
        store.uses.note({ kind: 'use', id: `${id}-${count}`, body: count, expiresAt })
      }
      const before = store.commits()
      await until(async () => (await store.expiring.get('use', `${id}-999`)) !== undefined)
      expect(await store.expiring.get('use', id)).toEqual({ at: 2 })
      expect(store.commits() - before).toBeLessThanOrEqual(6)
    })

    test('a use that is forgotten is not written any more', async () => {
      const [id, expiresAt] = [newId('t'), now + 1000]
      store.uses.note({ kind: 'use', id, body: 1, expiresAt })
      await store.uses.forget('use', id)
      expect(await store.uses.last('use', id)).toBeUndefined()
      await store.close()
      store = await open()
      expect(await store.uses.last('use', id)).toBeUndefined()
    })

    test('what was used last is on disk when a store is closed in order', async () => {
      const [id, expiresAt] = [newId('t'), now + 1000]
      store.uses.note({ kind: 'use', id, body: 1, expiresAt })
      await store.close()
      store = await open()
      expect(await store.uses.last('use', id)).toBe(1)
    })

    test('observations gather by hour and enter the log once', async () => {
      const hour = Math.floor(now / 3_600_000)
      store.observations.count('sign-in failed')
      store.observations.count('sign-in failed')
      store.observations.count('registered')
      await store.observations.flush()
      expect(await store.observations.finishedHours()).toEqual([])
      now += 3_600_000
      expect(await store.observations.finishedHours()).toEqual([
        { hour, counts: { registered: 1, 'sign-in failed': 2 } },
      ])
      const consumes = [{ kind: 'observed_hour', id: String(hour) }]
      await store.log.append(note(stream(), { consumes }))
      expect(await store.observations.finishedHours()).toEqual([])
      expect(await failureOf(store.log.append(note(stream(), { consumes })))).toBeInstanceOf(
        AlreadyConsumed,
      )
    })

    test('a rebuild mends what was changed by hand and what was dropped', async () => {
      const id = newId('m')
      await store.log.append(joining(id))
      const database = await place.connect()
      await database.transact({
        preconditions: [],
        units: [[{ sql: 'UPDATE members_v1 SET joins = joins + 1', args: [] }]],
      })
      expect((await store.rebuild()).tables.map(({ differed }) => differed)).toEqual([true])
      expect((await findOne(store.reader, members, { memberId: id }))?.joins).toBe(1)
      await database.transact({
        preconditions: [],
        units: [[{ sql: 'DROP TABLE members_v1', args: [] }]],
      })
      await database.close()
      expect((await store.rebuild()).tables.map(({ differed }) => differed)).toEqual([true])
      expect((await store.rebuild()).tables.map(({ differed }) => differed)).toEqual([false])
      expect((await findOne(store.reader, members, { memberId: id }))?.joins).toBe(1)
      expect(await failureOf(store.log.append(joining(id, { expectedVersion: 1 })))).toBeInstanceOf(
        KeyTaken,
      )
    })

    // Last: from here on this program is the older one.
    test('once a newer program has taken over, the older one neither writes nor opens', async () => {
      const database = await place.connect()
      const activeSet = {
        eventTypes: Object.fromEntries([...eventTypes.map(({ name }) => [name, 1]), ['Later', 1]]),
        projections: { members: 1 },
      }
      await database.transact({
        preconditions: [],
        units: [
          [
            {
              sql: 'UPDATE fence SET epoch = epoch + 1, active_set = ?',
              args: [JSON.stringify(activeSet)],
            },
          ],
        ],
      })
      await database.close()
      expect(await failureOf(store.log.append(note(stream())))).toBeInstanceOf(LogFenced)
      await store.expiring.put({ kind: 'k', id: 'a', body: 1, expiresAt: now + 1000 })
      expect(await store.expiring.get('k', 'a')).toBe(1)
      await store.close()
      const failure = await failureOf(open())
      expect(failure).toBeInstanceOf(LogFenced)
      expect(failure.message).toContain('event "Later v1"')
    })
  })
}
