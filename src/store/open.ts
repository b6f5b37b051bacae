/**
 * Opens the store: connects, brings the schema up to date, checks that this program and this
 * secret belong to this database, and ties the parts together.
 */
import { fileURLToPath } from 'node:url'
import type { EventType } from '../domain/event.ts'
import type { EventLog } from '../domain/event-log.ts'
import type { Expiring, Observations, SecretVault, Uses } from '../domain/expiring.ts'
import type { Keyring } from '../domain/keyring.ts'
import type { Projection } from '../projections/projection.ts'
import type { Reader } from '../projections/statement.ts'
import { activate } from './activation.ts'
import { AppendPlanner } from './append-plan.ts'
import type { Database } from './database.ts'
import { EventCodec } from './event-codec.ts'
import { ExpiringEntries } from './expiring-entries.ts'
import { openFileDatabase } from './file-database.ts'
import { GroupCommit } from './group-commit.ts'
import { checkKeyring } from './keyring-check.ts'
import { LibsqlEventLog } from './libsql-event-log.ts'
import { type Migration, migrate, migrations } from './migrations.ts'
import { ObservedCounters } from './observed-counters.ts'
import { ObservedUses } from './observed-uses.ts'
import { Projector } from './projector.ts'
import { ReadMemory } from './read-memory.ts'
import { type Folding, type RebuildReport, rebuild } from './rebuild.ts'
import { openRemoteDatabase } from './remote-database.ts'
import { SeenStreams } from './seen-streams.ts'
import { StreamMemory } from './stream-memory.ts'
import { SubjectKeys } from './subject-keys.ts'
import { type Upcaster, Upcasting, upcasters } from './upcasting.ts'
import { Vault } from './vault.ts'

const remoteRetriesMax = 2
/** A server's transactions wait for each other there; the writer's thread takes all that wait at once. */
const underWayMax = { file: 16, server: 1 }

export interface StoreOptions {
  /** `file:…` for this process alone; `http://…`, `https://…` or `libsql://…` for a server. */
  readonly url: string
  readonly authToken?: string
  readonly keyring: Keyring
  readonly eventTypes: readonly EventType[]
  readonly projections: readonly Projection[]
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Whose streams `rebuild` proves beside the projections. */
  readonly deciders?: readonly Folding[]
  readonly upcasters?: readonly Upcaster[]
  readonly migrations?: readonly Migration[]
}

export interface Store {
  readonly log: EventLog
  readonly expiring: Expiring
  readonly secrets: SecretVault
  readonly observations: Observations
  readonly uses: Uses
  readonly reader: Reader
  /** How many transactions this process has committed: with appends in flight, fewer than appends. */
  readonly commits: () => number
  /** Proves that what is live equals a replay of the log, and mends what does not. */
  rebuild(): Promise<RebuildReport>
  /** Reads and writes once. @throws {LogUnavailable} */
  health(): Promise<void>
  close(): Promise<void>
}

/**
 * @throws {DatabaseInUse} when another process has the file
 * @throws {LogFenced} when a newer program has written here
 * @throws {WrongSecret} when the database was written under another secret
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const isFile = options.url.startsWith('file:')
  const database = await connect(options)
  try {
    // Only a database that nobody else writes to can be remembered.
    return await assemble(isFile ? new ReadMemory(new StreamMemory(database)) : database, {
      ...options,
      retriesMax: isFile ? 0 : remoteRetriesMax,
      underWayMax: isFile ? underWayMax.file : underWayMax.server,
    })
  } catch (error) {
    await database.close()
    throw error
  }
}

function connect({ url, authToken }: StoreOptions): Promise<Database> {
  if (url.startsWith('file:')) return openFileDatabase(filePath(url))
  return openRemoteDatabase({ url, ...(authToken === undefined ? {} : { authToken }) })
}

/** `file:data/x.db` is relative to the working directory; `file:///x.db` is a URL. */
function filePath(url: string): string {
  return url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length)
}

async function assemble(
  database: Database,
  options: StoreOptions & { retriesMax: number; underWayMax: number },
): Promise<Store> {
  const { keyring, eventTypes, projections, clock, deciders = [] } = options
  const schema = options.migrations ?? migrations
  await migrate(database, schema)
  await checkKeyring(database, keyring)

  const vault = new Vault({ database, keyring })
  const keys = new SubjectKeys(vault)
  const upcasting = new Upcasting(options.upcasters ?? upcasters)
  const codec = new EventCodec({ types: eventTypes, upcasting, keys })
  const projector = new Projector(projections)
  const planner = new AppendPlanner({ codec, keys, vault, projector, clock })
  let epoch = 0
  const { retriesMax, underWayMax } = options
  const commits = new GroupCommit({ database, clock, epoch: () => epoch, retriesMax, underWayMax })
  const parts = { database, commits, planner, codec, keys }
  const isShared = !(database instanceof ReadMemory)
  const log = new LibsqlEventLog(isShared ? { ...parts, seen: new SeenStreams() } : parts)
  epoch = await activate({ database, log, eventTypes, projections, migrations: schema })

  let closing: Promise<void> | undefined
  const reader = readerOf(database)
  const observations = new ObservedCounters({ database, commits, clock })
  const expiring = new ExpiringEntries({ database, reader, commits, clock })
  const uses = new ObservedUses({ expiring, commits })
  async function close(): Promise<void> {
    try {
      await observations.flush()
      await uses.flush()
      await commits.idle()
    } finally {
      await database.close()
    }
  }
  return {
    log,
    expiring,
    secrets: vault,
    observations,
    uses,
    reader,
    commits: () => commits.commits,
    rebuild: () => rebuild({ database, log, commits, projections, migrations: schema, deciders }),
    async health() {
      await database.query({ sql: 'SELECT 1', args: [] })
      await commits.submit({ steps: () => [probe] })
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** Takes the write lock and changes nothing: the table is always empty. */
const probe = {
  statement: { sql: 'DELETE FROM assertions', args: [] },
  refused: () => new Error('Cannot probe the database'),
}

function readerOf(database: Database): Reader {
  if (database instanceof ReadMemory) return database
  return {
    get: async (statement) => (await database.query(statement))[0],
    all: (statement) => database.query(statement),
  }
}
