/**
 * Whatever happened, what is remembered is what the file says: after each step of a random workload
 * through the real services, every question that is asked all the time is asked of the server's own
 * reader and of a connection that remembers nothing. The reader is asked during the step too, so
 * that there is something to remember wrongly.
 */
import fc from 'fast-check'
import { sha256 } from '../../src/domain/keyring.ts'
import { grantIdOf } from '../../src/domain/token-ref.ts'
import { setUserGroups } from '../../src/identity/user-groups.ts'
import { findLiveApiToken } from '../../src/projections/api-tokens.ts'
import { findClient } from '../../src/projections/clients.ts'
import { findGrant } from '../../src/projections/grants.ts'
import { findLiveAccessToken, findLiveRefreshToken } from '../../src/projections/live-tokens.ts'
import type { NotedReads, Reader } from '../../src/projections/statement.ts'
import { findUser } from '../../src/projections/users.ts'
import { provisionalClientKind } from '../../src/protocol/clients/known-client.ts'
import {
  createApiToken,
  regenerateApiToken,
  revokeApiToken,
} from '../../src/protocol/tokens/api-tokens.ts'
import { refOfToken } from '../../src/protocol/tokens/token-handle.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { expect, test } from '../support/test.ts'
import { jobSettings } from './job-workload.ts'
import { type StepName, step, stepNames } from './workload.ts'
import { one, type Steps } from './workload-step.ts'
import { cause, openWorld, type World } from './world.ts'

const numRuns = process.env.GRANTLOG_TEST_NIGHTLY ? 100 : 8

const settings = { ...jobSettings, apiTokens: { enabled: true, perAccount: 3 } }

interface Keys extends Steps {
  readonly keys: { apiTokenId: string; userId: string; token: string }[]
}

/** Beside what the workload does: API tokens, made, replaced and ended in every way. */
const keySteps = {
  async 'make a key'(to: Keys, pick: number) {
    const userId = one(to.users, pick)
    const [resource] = to.services.settings.resources
    if (!userId || !resource) return
    const lifetimeSeconds = pick % 2 ? { lifetimeSeconds: 3_600 + pick * 300 } : {}
    const wish = { userId, resource: resource.resource, scopes: ['read'], ...lifetimeSeconds }
    const made = await createApiToken(to.services, { ...wish, name: 'é', description: '' }, cause)
    if (made.outcome === 'accepted') to.keys.push({ ...made, userId })
  },
  async 'replace a key'(to: Keys, pick: number) {
    const key = one(to.keys, pick)
    if (!key) return
    const asked = { ...key, overlapSeconds: (pick % 3) * 600 }
    const made = await regenerateApiToken(to.services, asked, cause)
    if (made.outcome === 'accepted') to.keys.push({ ...made, userId: key.userId })
  },
  async 'end a key'(to: Keys, pick: number) {
    const key = one(to.keys, pick)
    const reason = pick % 2 ? 'leaked' : 'revoked_by_user'
    if (key) await revokeApiToken(to.services, { ...key, reason }, cause)
  },
  async 'change groups'(to: Keys, pick: number) {
    const userId = one(to.users, pick)
    const groups = pick % 2 ? ['staff'] : []
    if (userId) await setUserGroups(to.services, { userId, groups, actor: 'cli' })
  },
}

type KeyStep = keyof typeof keySteps
const keyStepNames = Object.keys(keySteps) as KeyStep[]

function isKeyStep(name: string): name is KeyStep {
  return Object.hasOwn(keySteps, name)
}

const names = fc.constantFrom<(StepName | KeyStep)[]>(
  ...stepNames,
  ...keyStepNames,
  ...keyStepNames,
  ...(['consent', 'redeem', 'rotate', 'hand a token on', 'take something back'] as const),
)

const always: (StepName | KeyStep)[] = [
  ...(['register a person', 'register a client', 'make a key', 'consent', 'redeem'] as const),
  ...(['rotate', 'take something back', 'disable a person', 'enable a person'] as const),
  ...(['replace a key', 'end a key', 'add a machine', 'issue to a machine'] as const),
  ...(['hand a token on', 'revoke an issuance', 'disable a client', 'enable a client'] as const),
  ...(['make a key', 'consent', 'redeem', 'revoke'] as const),
]

/** A token is handed on, and then ends: what descends from it ends with it. */
const descent: { name: StepName; pick: number }[] = [
  { name: 'issue to a machine', pick: 0 },
  { name: 'hand a token on', pick: 0 },
  { name: 'revoke an issuance', pick: 1 },
]

const workload = fc.array(fc.record({ name: names, pick: fc.nat(20) }), {
  maxLength: 80,
  size: 'max',
})

type Question = (reader: Reader, now: number) => Promise<unknown>

/** What is asked all the time, about everybody and everything that there was so far. */
function questions({ keys, ...to }: Keys): Map<string, Question> {
  const all = new Map<string, Question>()
  const access = [
    ...to.accessTokens.map((t) => t.refreshToken),
    ...to.issued.map((i) => i.accessToken),
  ]
  for (const ref of access.map(refOfToken)) {
    all.set(`access ${ref.hash}`, (reader, now) => findLiveAccessToken(reader, { ref, now }))
  }
  for (const ref of to.refreshable.map((t) => refOfToken(t.refreshToken))) {
    all.set(`refresh ${ref.hash}`, (reader, now) => findLiveRefreshToken(reader, { ref, now }))
    all.set(`grant ${ref.hash}`, (reader) => findGrant(reader, grantIdOf(ref)))
  }
  for (const tokenHash of keys.map(({ token }) => sha256(token))) {
    all.set(`key ${tokenHash}`, (reader, now) => findLiveApiToken(reader, { tokenHash, now }))
  }
  for (const id of [...to.clients, ...to.machines.map((m) => m.client_id)]) {
    all.set(`client ${id}`, (reader) => findClient(reader, id))
    all.set(`entry ${id}`, (reader) => findEntry(reader, id))
  }
  for (const id of to.users) all.set(`user ${id}`, (reader) => findUser(reader, id))
  return all
}

/** As `ExpiringEntries.get` asks; its end is looked at afterwards. */
function findEntry(reader: Reader, id: string) {
  const sql = 'SELECT * FROM expiring WHERE kind = ? AND id = ?'
  return reader.get({ sql, args: [provisionalClientKind, id] })
}

interface Kept {
  readonly question: Question
  readonly at: number
  readonly answer: unknown
  readonly noted: NotedReads
}

class Watch {
  readonly #world: World
  readonly #file: Reader
  readonly #kept = new Map<string, Kept>()
  /** How many answers held across a step. */
  held = 0

  constructor(world: World, database: LocalConnection) {
    this.#world = world
    this.#file = {
      get: async (statement) => database.run(statement)[0],
      all: async (statement) => database.run(statement),
    }
  }

  /** Only so that it is remembered. */
  async askAll(to: Keys): Promise<void> {
    const { reader, now } = this.#world.services
    for (const [, question] of questions(to)) {
      await question(reader, now())
      // Others have their turn, and the writer's thread too.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async compare(to: Keys): Promise<void> {
    const { reader, now } = this.#world.services
    for (const [name, question] of questions(to)) {
      const said = await question(this.#file, now())
      expect([name, await question(reader, now())]).toEqual([name, said])
      await this.#compareKept(name)
      const noted = reader.noting?.()
      if (!noted) throw new Error('Cannot compare: nothing is remembered')
      const answer = await question(noted.reader, now())
      if (!this.#kept.has(name)) this.#kept.set(name, { question, at: now(), answer, noted })
    }
  }

  async #compareKept(name: string): Promise<void> {
    const kept = this.#kept.get(name)
    if (!kept) return
    const { question, at, answer, noted } = kept
    const end =
      (answer as { expiresAt?: number } | undefined)?.expiresAt ?? Number.POSITIVE_INFINITY
    if (!noted.holds() || end <= this.#world.services.now()) {
      this.#kept.delete(name)
      return
    }
    this.held += 1
    expect([name, answer]).toEqual([name, await question(this.#file, at)])
  }
}

async function take(to: Keys, { name, pick }: { name: StepName | KeyStep; pick: number }) {
  if (isKeyStep(name)) await keySteps[name](to, pick)
  else await step(to, { name, pick })
}

test('after any step, whatever is remembered is what the file says', async () => {
  let held = 0
  await fc.assert(
    fc.asyncProperty(workload, async (steps) => {
      let now = Date.now()
      const world = await openWorld(settings, () => now)
      const empty = { users: [], clients: [], approved: [], refreshable: [], accessTokens: [] }
      const later = (ms: number) => {
        now += ms
      }
      const more = { jobs: [], held: [], agents: [], sessions: [], machines: [], issued: [] }
      const to: Keys = { services: world.services, ...empty, ...more, keys: [], later }
      const database = new LocalConnection(world.databasePath, { busyTimeoutMs: 5_000 })
      const watch = new Watch(world, database)
      try {
        for (const one of [...always.map((name) => ({ name, pick: 0 })), ...descent, ...steps]) {
          await Promise.all([take(to, one), watch.askAll(to)])
          await watch.compare(to)
        }
        const some = [to.keys, to.accessTokens, to.refreshable, to.issued, to.clients]
        expect(some.map((list) => list.length > 0)).toEqual([true, true, true, true, true])
      } finally {
        held += watch.held
        database.close()
        await world.close()
      }
    }),
    { numRuns, endOnFailure: true },
  )
  // Whoever forgets everything is never wrong, and proves nothing.
  expect(held).toBeGreaterThan(1_000)
}, 120_000)
