/**
 * A thread that plans grants for a database that holds none of them: it decides, seals, hashes and
 * projects with the store's own parts, and hands the statements over in place of carrying them out.
 *
 *   load-grants ── the site, then ranges of grants ──▶ here ── their rows ──▶ load-grants
 */
import { eventTypes } from '../../../src/domain/catalog.ts'
import type { EventLog } from '../../../src/domain/event-log.ts'
import { Keyring } from '../../../src/domain/keyring.ts'
import { projections } from '../../../src/projections/catalog.ts'
import { AppendPlanner } from '../../../src/store/append-plan.ts'
import type { Database } from '../../../src/store/database.ts'
import { EventCodec } from '../../../src/store/event-codec.ts'
import { GroupCommit } from '../../../src/store/group-commit.ts'
import { LibsqlEventLog } from '../../../src/store/libsql-event-log.ts'
import { Projector } from '../../../src/store/projector.ts'
import { SubjectKeys } from '../../../src/store/subject-keys.ts'
import { Upcasting, upcasters } from '../../../src/store/upcasting.ts'
import { Vault } from '../../../src/store/vault.ts'
import { type Site, secret, settingsOf } from '../contenders/grantlog-server.ts'
import { type Bulk, bulkOf } from './bulk-writer.ts'
import { decideGrants, type GrantRange } from './decide-grants.ts'

export type ToPlanner =
  | { readonly site: Pick<Site, 'env' | 'directory'> }
  | { readonly range: GrantRange; readonly at: number }

export type FromPlanner = { readonly bulk: Bulk } | { readonly failure: string }

interface ThreadScope {
  onmessage: ((event: MessageEvent<ToPlanner>) => void) | null
  postMessage(message: FromPlanner): void
}

const scope = globalThis as unknown as ThreadScope
const keyring = Keyring.parse(secret)
let planner: ((range: GrantRange, at: number) => Promise<Bulk>) | undefined

let planned: Promise<void> = Promise.resolve()

/** One range after the other, or several would become one transaction. */
scope.onmessage = ({ data }) => {
  planned = planned.then(() => answer(data))
}

async function answer(data: ToPlanner): Promise<void> {
  try {
    if ('site' in data) planner = plannerFor(data.site)
    else if (planner) scope.postMessage({ bulk: await planner(data.range, data.at) })
  } catch (error) {
    scope.postMessage({ failure: String(error) })
  }
}

function plannerFor(site: Pick<Site, 'env' | 'directory'>) {
  const settings = settingsOf(site)
  let now = 0
  let planned: Bulk = []
  const log = logWithout(
    {
      // Whatever a decision asks for is new.
      query: async () => [],
      snapshot: async (statements) => statements.map(() => []),
      transact: async ({ units }) => {
        planned = bulkOf(units.flat())
        return {
          committed: true,
          commit: 1,
          units: units.map(() => ({ done: true, rows: [[{ position: 1 }]] })),
        }
      },
      close: async () => {},
    },
    () => now,
  )
  return async (range: GrantRange, at: number) => {
    now = at
    await decideGrants({ log, settings, keyring, now: () => now }, range)
    return planned
  }
}

/** The event log of the store, on a database of ours. */
function logWithout(database: Database, clock: () => number): EventLog {
  const vault = new Vault({ database, keyring })
  const keys = new SubjectKeys(vault)
  const upcasting = new Upcasting(upcasters)
  const codec = new EventCodec({ types: eventTypes, upcasting, keys })
  const projector = new Projector(projections)
  const planner = new AppendPlanner({ codec, keys, vault, projector, clock })
  const commits = new GroupCommit({
    database,
    clock,
    epoch: () => 1,
    retriesMax: 0,
    underWayMax: 1,
  })
  return new LibsqlEventLog({ database, commits, planner, codec, keys })
}
