/**
 * What a store does when the connection to its libSQL server, or the server's memory of it, is lost
 * at the worst of times: nothing is written twice, and nothing that was acknowledged is missing.
 */
import { LogUnavailable, VersionConflict } from '../../src/domain/event-log.ts'
import { newId } from '../../src/domain/ids.ts'
import { NothingWritten } from '../../src/store/database.ts'
import { HranaStreams } from '../../src/store/hrana-streams.ts'
import type { Store } from '../../src/store/open.ts'
import { openRemoteDatabase } from '../../src/store/remote-database.ts'
import { type Asked, type Deed, type Relay, startRelay } from '../support/libsql-relay.ts'
import {
  type LibsqlServer,
  libsqlServerAvailable,
  startLibsqlServer,
} from '../support/libsql-server.ts'
import { rejectionOf } from '../support/rejection.ts'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
} from '../support/test.ts'
import { failureOf, note, openTestStore } from './fixture.ts'

const gone = { status: 400, body: JSON.stringify({ message: 'expired', code: 'STREAM_EXPIRED' }) }
const isBatch = ({ requests }: Asked) => requests.some(({ type }) => type === 'batch')
/** Only a ROLLBACK depends on two others. */
const isCommit = ({ requests }: Asked) => JSON.stringify(requests).includes('"and"')

describe.skipIf(!libsqlServerAvailable)('a store whose libSQL server', () => {
  let server: LibsqlServer
  let relay: Relay
  let store: Store
  const stream = () => newId('note')
  const events = async () =>
    (await store.reader.all({ sql: 'SELECT 1 FROM events', args: [] })).length
  const version = async (id: string) => (await store.log.load([id]))[0]?.version

  beforeAll(async () => {
    server = await startLibsqlServer()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    relay = await startRelay(server.url)
    store = await openTestStore(relay.url)
  })
  afterEach(async () => {
    await store.close()
    await relay.stop()
  })

  test('is asked again and again does so on connections that stay open', async () => {
    const before = relay.asked.length
    for (let time = 0; time < 10; time += 1) {
      const id = stream()
      await store.log.append(note(id))
      expect(await version(id)).toBe(1)
    }
    const batons = relay.asked.slice(before).map(({ baton }) => baton)
    expect(batons.length).toBe(20)
    expect(batons.filter((baton) => baton === null)).toEqual([])
    expect(new Set(batons).size).toBe(20)
  })

  test('is not asked what was seen last, which an append may find to be otherwise', async () => {
    const [id, other] = [stream(), stream()]
    const second = await openTestStore(server.url)
    expect(store.log.recall?.([id])).toBe(undefined)
    await store.log.append(note(id, { state: { notes: 'é "\ud800"' } }))
    const seen = store.log.recall?.([id])
    expect(seen).toEqual(await store.log.load([id]))
    expect(store.log.recall?.([id, other])).toBe(undefined)
    await second.log.append(note(id, { expectedVersion: 1 }))
    expect(store.log.recall?.([id])).toEqual(seen)
    const failure = await failureOf(store.log.append(note(id, { expectedVersion: 1 })))
    expect(failure).toBeInstanceOf(VersionConflict)
    expect(store.log.recall?.([id])).toBe(undefined)
    expect(await version(id)).toBe(2)
    expect(store.log.recall?.([id])?.[0]?.version).toBe(2)
    await second.close()
  })

  test('was started anew between two requests reads and writes on', async () => {
    const [first, second] = [stream(), stream()]
    await store.log.append(note(first))
    await server.restart()
    await store.log.append(note(second))
    expect([await version(first), await version(second)]).toEqual([1, 1])
  })

  test('came back weaker than it was is not believed, until it is strong again', async () => {
    const id = stream()
    await server.restart('relaxed')
    expect((await failureOf(store.log.append(note(id)))).message).toMatch(/before they are on disk/)
    await server.restart('strong')
    await store.log.append(note(stream()))
  })

  const ways: [string, Deed][] = [
    ['says that a stream expired', async () => gone],
    ['does not know a baton', (pass) => pass('bm90aGluZw')],
  ]
  for (const [what, forgetting] of ways) {
    test(`${what} is sent the same once more, on another`, async () => {
      const [id, before] = [stream(), await events()]
      relay.once(forgetting, isCommit)
      await store.log.append(note(id))
      relay.once(forgetting, isBatch)
      expect(await version(id)).toBe(1)
      expect(await events()).toBe(before + 1)
    })
  }

  test('says so of a new stream too is not asked without end', async () => {
    relay.once(async () => gone, isBatch)
    relay.once(async () => gone, isBatch)
    expect(await failureOf(store.log.load(['note/none']))).toBeInstanceOf(LogUnavailable)
    expect(await version('note/none')).toBe(0)
  })

  test('knows a baton that was used before may have done what it was asked', async () => {
    const used = { status: 400, body: 'Received a baton that has already been used' }
    relay.once(async () => used, isCommit)
    const entry = { kind: 'used', id: 'a', body: {}, expiresAt: Date.now() + 60_000 }
    expect(await failureOf(store.expiring.put(entry))).not.toBeInstanceOf(NothingWritten)
    expect(await store.expiring.get('used', 'a')).toBe(undefined)
  })

  test('is cut off once it has committed has written once, and the answer is that of then', async () => {
    const [id, before] = [stream(), await events()]
    relay.once(async (pass) => {
      await pass()
      return 'cut'
    }, isCommit)
    const { events: written } = await store.log.append(note(id))
    const read = await store.log.read({ streamId: id })
    expect(read.map(({ eventId }) => eventId)).toEqual(written.map(({ eventId }) => eventId))
    expect(await events()).toBe(before + 1)
  })

  test('is cut off before it has heard anything is sent it again', async () => {
    const [id, before] = [stream(), await events()]
    relay.once(async () => 'cut', isCommit)
    await store.log.append(note(id))
    expect(await events()).toBe(before + 1)
  })

  test('is cut off during what has no command is not told it twice', async () => {
    relay.once(async (pass) => {
      await pass()
      return 'cut'
    }, isCommit)
    const entry = { kind: 'cut', id: 'a', body: {}, expiresAt: Date.now() + 60_000 }
    const failure = await failureOf(store.expiring.put(entry))
    expect(failure).toBeInstanceOf(LogUnavailable)
    expect(failure).not.toBeInstanceOf(NothingWritten)
    expect(relay.asked.filter(isCommit).at(-1)).toBe(relay.asked.at(-1))
  })
})

/** A server that gives the answers of a test, one after another. */
describe('a libSQL server', () => {
  let relay: Relay
  const write = { preconditions: [], units: [[{ sql: 'DELETE FROM assertions', args: [] }]] }
  const done = { cols: [], rows: [], affected_row_count: 0, last_insert_rowid: null }

  beforeEach(async () => {
    relay = await startRelay('http://127.0.0.1:9')
  })
  afterEach(() => relay.stop())

  /** The results of a batch's steps: done, refused with this code, or left out. */
  function answerNext(steps: readonly ('done' | 'left out' | { code: string })[]) {
    const step_results = steps.map((step) => (step === 'done' ? done : null))
    const step_errors = steps.map((step) =>
      typeof step === 'string' ? null : { ...step, message: 'SQLite error: said by a test' },
    )
    relay.once(async () => answerOf({ step_results, step_errors }), isBatch)
  }

  function answerOf(result: object) {
    const stored = { type: 'ok', response: { type: 'store_sql' } }
    const results = Array(relay.asked.at(-1)?.requests.length ?? 1).fill(stored)
    results[results.length - 1] = { type: 'ok', response: { type: 'batch', result } }
    return { status: 200, body: JSON.stringify({ baton: 'a baton', base_url: null, results }) }
  }

  async function open(token?: string) {
    answerNext(['done'])
    const { url } = relay
    return openRemoteDatabase({ url, ...(token === undefined ? {} : { authToken: token }) })
  }

  test('that is busy has written nothing, and its connection is left', async () => {
    const database = await open()
    answerNext([{ code: 'SQLITE_BUSY' }, 'left out', 'left out', 'left out', 'left out'])
    expect(await rejectionOf(database.transact(write))).toBeInstanceOf(NothingWritten)
    answerNext(['done', 'done', 'done', 'left out', 'done'])
    await database.transact(write)
    expect(relay.asked.filter(isBatch).at(-1)?.baton).toBe(null)
  })

  test('whose statement broke off without a refusal of ours has written nothing', async () => {
    const database = await open()
    answerNext(['done', { code: 'TRANSACTION_TIMEOUT' }, 'left out', 'done', 'left out'])
    expect(await rejectionOf(database.transact(write))).toBeInstanceOf(NothingWritten)
  })

  test('whose commit failed may have written', async () => {
    const database = await open()
    answerNext(['done', 'done', { code: 'SQLITE_IOERR_FSYNC' }, 'done', 'left out'])
    const failure = await rejectionOf(database.transact(write))
    expect(failure).toBeInstanceOf(LogUnavailable)
    expect(failure).not.toBeInstanceOf(NothingWritten)
  })

  test('that could not roll back is told to close that connection, and asked on another', async () => {
    const database = await open()
    const notRolledBack = { code: 'SQLITE_ERROR' }
    answerNext(['done', { code: 'SQLITE_CONSTRAINT' }, 'left out', notRolledBack, 'left out'])
    const { committed } = await database.transact(write)
    expect(committed).toBe(true)
    answerNext(['done', 'done', 'done', 'left out', 'done'])
    await database.transact(write)
    expect(relay.asked.filter(isBatch).at(-1)?.baton).toBe(null)
    expect(relay.asked.some(({ requests }) => requests[0]?.type === 'close')).toBe(true)
  })

  test('that refuses the token is not asked twice, and nobody is told the token', async () => {
    const database = await open('a token for a test')
    expect(relay.asked.at(-1)?.authorization).toBe('Bearer a token for a test')
    relay.once(async () => ({ status: 401, body: '{"error":"Unauthorized"}' }), isBatch)
    const before = relay.asked.length
    const failure = (await rejectionOf(database.transact(write))) as Error
    expect(failure).toBeInstanceOf(LogUnavailable)
    expect(`${failure.stack} ${(failure.cause as Error).message}`).not.toContain('a token for')
    expect(relay.asked.length).toBe(before + 1)
  })

  test('that does not answer in time is not waited for, and asked on another connection', async () => {
    const streams = new HranaStreams({ url: relay.url, requestMsMax: 50 })
    const steps = [{ sql: 'SELECT 1', args: [] }]
    answerNext(['done'])
    await streams.run(steps)
    relay.once(async () => 'silence')
    expect(await rejectionOf(streams.run(steps))).toBeInstanceOf(Error)
    answerNext(['done'])
    await streams.run(steps)
    expect(relay.asked.filter(isBatch).map(({ baton }) => baton)).toEqual([null, 'a baton', null])
  })

  test('that answers with less than it was asked is not believed', async () => {
    const database = await open()
    answerNext(['done', 'done'])
    expect(await rejectionOf(database.transact(write))).toBeInstanceOf(LogUnavailable)
  })

  test('that serves a stream elsewhere is asked there', async () => {
    const other = await startRelay('http://127.0.0.1:9')
    const streams = new HranaStreams({ url: relay.url, requestMsMax: 5_000 })
    const steps = [{ sql: 'SELECT 1', args: [] }]
    const result = { step_results: [done], step_errors: [null] }
    relay.once(async () => {
      const answer = JSON.parse(answerOf(result).body)
      return { status: 200, body: JSON.stringify({ ...answer, base_url: other.url }) }
    })
    await streams.run(steps)
    other.once(async () => {
      const results = [{ type: 'ok', response: { type: 'batch', result } }]
      return { status: 200, body: JSON.stringify({ baton: null, base_url: null, results }) }
    })
    await streams.run(steps)
    expect([relay.asked.length, other.asked.length]).toEqual([1, 1])
    await other.stop()
  })
})
