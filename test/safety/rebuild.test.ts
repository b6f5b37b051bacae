/**
 * Whatever happened, the tables of the read models are what the log says, to the byte: they are
 * dropped after a random workload through the real services, and come back the same.
 */
import { getTableName } from 'drizzle-orm'
import fc from 'fast-check'
import { projections } from '../../src/projections/catalog.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { describe, expect, test } from '../support/test.ts'
import { jobSettings } from './job-workload.ts'
import { type StepName, step, stepNames } from './workload.ts'
import type { Steps } from './workload-step.ts'
import { openWorld } from './world.ts'

const numRuns = process.env.GRANTLOG_TEST_NIGHTLY ? 200 : 8

/** The steps that most others need before them are taken more often. */
const names = fc.constantFrom<StepName[]>(
  ...stepNames,
  'consent',
  'consent',
  'redeem',
  'redeem',
  'rotate',
  'rotate',
  ...(['queue a job', 'queue a job', 'claim a job', 'claim a job'] as const),
  ...(['ask for a payment', 'approve', 'deny', 'call a tool elsewhere'] as const),
)

/** What every workload begins with: one life of a grant, so that no run is about nothing. */
const always: StepName[] = [
  ...(['register a person', 'disable a person', 'register a person', 'register a client'] as const),
  ...(['consent', 'redeem', 'rotate', 'revoke', 'consent', 'redeem', 'rotate'] as const),
  ...(['start a session', 'change an address'] as const),
  ...(['call a person otherwise', 'change a password'] as const),
  ...(['add a machine', 'issue to a machine', 'hand a token on', 'revoke an issuance'] as const),
  ...(['queue a job', 'queue a job', 'claim a job', 'go on with a job'] as const),
  ...(['ask for a payment', 'approve', 'ask for a payment', 'finish a job'] as const),
  ...(['claim a job', 'fail at a job'] as const),
  ...(['register an agent', 'confirm an agent', 'let an agent give'] as const),
  ...(['call a tool elsewhere', 'approve', 'call a tool elsewhere'] as const),
]

const tables = projections.flatMap((projection) => projection.tables).map(getTableName)

/** One step of the workload, as fast-check runs and shrinks it. */
class Command implements fc.AsyncCommand<object, Steps> {
  readonly #name: StepName
  readonly #pick: number
  constructor(name: StepName, pick: number) {
    this.#name = name
    this.#pick = pick
  }
  check(): boolean {
    return true
  }
  run(_: object, steps: Steps): Promise<void> {
    return step(steps, { name: this.#name, pick: this.#pick })
  }
  toString(): string {
    return `${this.#name} ${this.#pick}`
  }
}

const commands = fc.commands(
  [fc.record({ name: names, pick: fc.nat(20) }).map(({ name, pick }) => new Command(name, pick))],
  { maxCommands: 120, size: 'max' },
)

/** Every value of a table with its type, and how the table and its indexes are made. */
function dump(database: LocalConnection, table: string): string {
  const shape = database.run({
    sql: `SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? ORDER BY type, name`,
    args: [table],
  })
  const columns = database.run({ sql: `SELECT name FROM pragma_table_info('${table}')`, args: [] })
  const quoted = columns.map(({ name }) => `quote("${name}")`).join(" || ',' || ")
  const rows = database.run({ sql: `SELECT ${quoted} AS row FROM "${table}" ORDER BY 1`, args: [] })
  return JSON.stringify([shape, rows], null, 1)
}

function dumpAll(database: LocalConnection): Record<string, string> {
  return Object.fromEntries([...tables, 'streams'].map((table) => [table, dump(database, table)]))
}

describe('after any workload', () => {
  test('dropping every read model and every folded stream, and rebuilding, changes no byte', async () => {
    const types = new Set<string>()
    await fc.assert(
      fc.asyncProperty(commands, async (workload) => {
        let now = Date.now()
        const world = await openWorld(jobSettings, () => now)
        const steps: Steps = {
          services: world.services,
          users: [],
          clients: [],
          approved: [],
          refreshable: [],
          accessTokens: [],
          jobs: [],
          held: [],
          agents: [],
          sessions: [],
          machines: [],
          issued: [],
          later: (ms) => {
            now += ms
          },
        }
        const database = new LocalConnection(world.databasePath, { busyTimeoutMs: 5_000 })
        try {
          for (const name of always) await step(steps, { name, pick: 0 })
          await fc.asyncModelRun(() => ({ model: {}, real: steps }), workload)
          for await (const { type } of world.services.log.replay()) types.add(type)
          const live = await world.store.rebuild()
          expect(live.tables.filter(({ differed }) => differed)).toEqual([])
          const before = dumpAll(database)
          for (const table of tables) database.execute(`DROP TABLE "${table}"`)
          database.execute('DELETE FROM streams')
          const { tables: rebuilt } = await world.store.rebuild()
          expect(rebuilt.map(({ table }) => table).toSorted()).toEqual(
            [...tables, 'streams'].toSorted(),
          )
          expect(dumpAll(database)).toEqual(before)
        } finally {
          database.close()
          await world.close()
        }
      }),
      { numRuns, endOnFailure: true },
    )
    // A workload in which nothing happens would prove nothing.
    for (const type of ['GrantApproved', 'CodeRedeemed', 'RefreshTokenRotated', 'GrantEnded']) {
      expect([...types]).toContain(type)
    }
    for (const type of ['UserDisabled', 'ClientRegistered', 'JobQueued', 'SessionStarted']) {
      expect([...types]).toContain(type)
    }
    for (const type of ['AccessTokenIssued', 'IssuanceRevoked']) {
      expect([...types]).toContain(type)
    }
    for (const type of ['JobClaimed', 'JobPaused', 'JobResumed', 'JobFinished', 'JobFailed']) {
      expect([...types]).toContain(type)
    }
    for (const type of ['ApprovalAsked', 'ApprovalGiven', 'StandingApprovalSpent']) {
      expect([...types]).toContain(type)
    }
    for (const type of ['AgentConfirmed', 'AgentConsented', 'ToolCallMade', 'ApprovalUsed']) {
      expect([...types]).toContain(type)
    }
  })
})
