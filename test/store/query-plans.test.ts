/**
 * No question reads a whole table that grows: each statement that the server sends, on a journey
 * through nearly everything that it does, is asked for its plan. A plan here is the plan with
 * millions of rows too, since no statistics are kept.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { warnOfExpiry } from '../../src/identity/api-token-letters.ts'
import { endApprovals } from '../../src/jobs/decide-approval.ts'
import { endLostLeases, expireJobs } from '../../src/jobs/end-waiting.ts'
import type { Statement } from '../../src/projections/statement.ts'
import { notifyClients } from '../../src/protocol/authorization/back-channel-ping.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { countActivity } from '../../src/tasks/count-activity.ts'
import { endExpiredGrants } from '../../src/tasks/end-expired-grants.ts'
import { hibernateClients } from '../../src/tasks/hibernate-clients.ts'
import { rotateKeys } from '../../src/tasks/rotate-keys.ts'
import { signedInAsker } from '../audit/ask.ts'
import { connectApp } from '../support/connected-apps.ts'
import { pagesFrom } from '../support/form-crawl.ts'
import { furnishedPerson, startFurnishedServer } from '../support/furnished-server.ts'
import { introspect, post, redeem, refresh } from '../support/oauth-client.ts'
import { addClient } from '../support/operator-client.ts'
import { recordStatements } from '../support/recorded-statements.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

/** Tables of a few rows however many people there are; all others grow. */
const small = [
  ...['assertions', 'fence', 'keyring_checks', 'log_head', 'migrations', 'observed_counters'],
  ...['signing_keys_v1', 'gateway_tools_v1'],
]

/** Why a statement may go through one, by its text. */
const exceptions: Readonly<Record<string, RegExp>> = {
  'the last event alone': /SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1/,
}

/** Why what a statement finds and sorts is little, by its text. */
const fewSorted: Readonly<Record<string, RegExp>> = {
  'of each type of event so many, in their order, as are wanted': /FROM events WHERE type IN/,
  'entries of a kind that has few': /FROM expiring WHERE kind = \? AND expires_at > \? ORDER BY/,
  'what one person may have a bounded number of': /FROM "(api_tokens|agents)_v1" WHERE/,
  'what one person’s agents are at work on': /FROM "jobs_v1" j .*j\."ended_at" IS NULL/,
  'what waits for one person': /FROM "approvals_v1" a WHERE "ended_at" IS NULL/,
  'so much of what one person was asked': /FROM "approvals_v1" WHERE "rowid" IN .* LIMIT \d+\)/,
  'so much of what one person has connected': /WITH "page" AS .* LIMIT \d+\) ORDER BY/,
  'so many of the sessions of one person': /LIMIT \d+\) UNION .*\) s CROSS JOIN "expiring"/,
}

interface Planned {
  readonly sql: string
  readonly plan: readonly string[]
}

const directory = mkdtempSync(join(tmpdir(), 'grantlog-plans-'))
const databaseUrl = `file:${join(directory, 'grantlog.db')}`
let planned: readonly Planned[] = []
let growing: ReadonlySet<string>
/** Indexes of some of the rows: of those that are open, or may administer. */
let partial: ReadonlySet<string>

beforeAll(async () => {
  const recording = recordStatements()
  for (let start = 1; start <= 2; start += 1) await (await startTestServer({ databaseUrl })).stop()
  const furnished = await startFurnishedServer()
  const { server } = furnished
  const ada = await furnishedPerson(furnished, 'ada-2@example.com')
  await everyPage(ada)
  await searches(ada)
  await tokens(server)
  await questions(server)
  await whatIsDoneByItself(server)
  recording.stop()
  const database = new LocalConnection(join(server.dataDir, 'grantlog.db'))
  growing = new Set(namesOf(database, "type = 'table'").filter((name) => !small.includes(name)))
  partial = new Set(namesOf(database, "type = 'index' AND sql LIKE '% WHERE %'"))
  planned = recording
    .statements()
    .filter(isData)
    .map((statement) => planOf(database, statement))
  database.close()
  await furnished.stop()
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function everyPage(person: DemoPerson): Promise<void> {
  const account = ['/account', '/account/security', '/admin', '/device', '/approvals']
  await pagesFrom(person, [...account, '/developers/keys', '/developers/connected-apps'])
}

/** By part of a word, and for all of one person, of one app and of both. */
async function searches(person: DemoPerson): Promise<void> {
  for (const list of ['clients', 'users', 'grants', 'tokens', 'sessions', 'agents']) {
    const [user, client] = ['user=usr_1', 'client=cli_1']
    for (const of of ['', user, client, `${user}&${client}`]) {
      for (const search of ['', '&q=part']) {
        const response = await person.open(`/admin/${list}?${of}${search}`)
        expect(response.status, `${list} ${of} ${search}`).toBe(200)
      }
    }
  }
}

async function tokens(server: TestServer): Promise<void> {
  const asked = { scope: 'book read' }
  const { client, tokens: first, code, pkce } = await connectApp(server, asked)
  const { body: second } = await refresh(server, { client, refreshToken: first.refresh_token })
  const scope = 'book read'
  const operators = await addClient(server.services, { scope })
  await introspect(server, { client: operators, token: second.access_token })
  const { headers } = operators
  await post(server, '/oauth/token', { form: { grant_type: 'client_credentials', scope }, headers })
  const { client_id } = client
  await fetch(`${server.url}/api/verify`, {
    headers: { authorization: `Bearer ${second.access_token}` },
  })
  await fetch(`${server.url}/oauth/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ token: second.refresh_token, client_id }),
  })
  const other = await connectApp(server, asked)
  await redeem(server, { client: other.client, code: other.code, pkce: other.pkce })
  await redeem(server, { client, code, pkce })
}

async function questions(server: TestServer): Promise<void> {
  const { grantId, client } = await connectApp(server, { scope: 'book read' })
  const grant = await server.services.reader.get({
    sql: 'SELECT user_id FROM grants_v1 WHERE grant_id = ?',
    args: [grantId],
  })
  const user = String(grant?.user_id)
  const ask = await signedInAsker(server)
  const { body } = await ask('/events', { limit: '1' })
  const [event] = body.events
  const filters = [
    { stream: `grant/${grantId}` },
    { actor: `user:${user}` },
    { correlation: event?.correlation_id ?? '' },
    { type: 'GrantApproved' },
    { user },
    { client: client.client_id },
    { grant: grantId },
    { from: '2020-01-01' },
    { until: '2100-01-01' },
    { from: '2020-01-01', until: '2100-01-01', type: 'GrantApproved', actor: `user:${user}` },
  ]
  for (const filter of filters) {
    for (const order of ['newest', 'oldest']) {
      const { status, body: page } = await ask('/events', { ...filter, order, limit: '1' })
      expect(status, JSON.stringify(filter)).toBe(200)
      if (page.next_cursor === undefined) continue
      await ask('/events', { ...filter, order, limit: '1', cursor: page.next_cursor })
    }
  }
  await ask(`/events/${event?.event_id}`)
  for (const at of ['2020-01-01', '2100-01-01']) await ask('/connected-apps', { user, at })
}

async function whatIsDoneByItself({ services }: TestServer): Promise<void> {
  for (const task of [endLostLeases, expireJobs, notifyClients, countActivity, warnOfExpiry]) {
    await task(services)
  }
  for (const task of [rotateKeys, endExpiredGrants, hibernateClients]) await task(services)
  await endApprovals(services)
  await services.expiring.purge()
  await services.mail.wake()
}

function namesOf(database: LocalConnection, condition: string): string[] {
  const sql = `SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND ${condition}`
  return database.run({ sql, args: [] }).map(({ name }) => String(name))
}

/** Neither the schema nor the pragmas of a start. */
function isData({ sql }: Statement): boolean {
  return /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/.test(sql)
}

function planOf(database: LocalConnection, { sql, args }: Statement): Planned {
  const rows = database.run({ sql: `EXPLAIN QUERY PLAN ${sql}`, args })
  return { sql: sql.replaceAll(/\s+/g, ' '), plan: rows.map(({ detail }) => String(detail)) }
}

/** The growing tables that are gone through row by row; a plan calls them what the statement does. */
function scannedBy({ sql, plan }: Planned): string[] {
  return plan.flatMap((step) => {
    const [, name, index = ''] = /^SCAN (\w+)(?:.* INDEX (\w+))?/.exec(step) ?? []
    if (name === undefined || partial.has(index)) return []
    const isNamedSo = (table: string) => new RegExp(`\\b${table}"? (AS )?"?${name}\\b`).test(sql)
    return [...growing].filter((table) => table === name || isNamedSo(table))
  })
}

/** Rows in the order of an index, until there are as many as were asked for, or one so far on. */
function endsEarly({ sql, plan }: Planned): boolean {
  if (plan.includes(sorting)) return false
  const outer = sql.replaceAll(/\(SELECT n\..*? LIMIT 1\)/g, '')
  return (/ LIMIT (\?|1 OFFSET \d+)$/.test(outer) && !/ WHERE /.test(outer)) || countsSome.test(sql)
}

const sorting = 'USE TEMP B-TREE FOR ORDER BY'
const countsSome =
  /^SELECT count\(\*\) .* FROM \(SELECT [^()]* FROM [^()]* LIMIT \?\) AS "looked_at"$/

/** Of what an index finds, nobody knows how much it is, unless it is one row. */
function sortsMany({ sql, plan }: Planned): boolean {
  if (!plan.includes(sorting)) return false
  const [step = ''] = plan.filter((each) => /^SEARCH/.test(each))
  const isOne = /_1 \("?(\w+_id|token_hash)=\?\)$/.test(step) && /autoindex/.test(step)
  return !isOne && [...growing].some((table) => new RegExp(`\\b${table}\\b`).test(sql))
}

test('a statement goes through a table that grows only where a reason is given', () => {
  const scanning = planned.filter((one) => scannedBy(one).length > 0 && !endsEarly(one))
  const isExcepted = ({ sql }: Planned) => Object.values(exceptions).some((text) => text.test(sql))
  expect(scanning.filter((one) => !isExcepted(one))).toEqual([])
})

test('a statement puts into another order only what a reason says are few', () => {
  const isFew = ({ sql }: Planned) => Object.values(fewSorted).some((text) => text.test(sql))
  expect(planned.filter((one) => sortsMany(one) && !isFew(one))).toEqual([])
})

test('the log is asked along one index, and what else is wanted of it is looked for elsewhere', () => {
  const filters = ['stream_id = ?', 'actor = ?', 'correlation_id = ?', 'type IN']
  const several = ({ sql }: Planned) =>
    /FROM events WHERE/.test(sql) && filters.filter((filter) => sql.includes(filter)).length > 1
  const ofOneThing = ({ sql }: Planned) => /WHERE stream_id = \? AND type IN/.test(sql)
  expect(planned.filter((one) => several(one) && !ofOneThing(one))).toEqual([])
})

test('every reason is still needed', () => {
  const scanning = planned.filter((one) => scannedBy(one).length > 0 && !endsEarly(one))
  const sortings = planned.filter(sortsMany)
  const reasons = [
    ...Object.entries(exceptions).map(([...reason]) => [...reason, scanning] as const),
    ...Object.entries(fewSorted).map(([...reason]) => [...reason, sortings] as const),
  ]
  for (const [reason, text, found] of reasons) {
    expect(
      found.some(({ sql }) => text.test(sql)),
      reason,
    ).toBe(true)
  }
})

test('the journey comes by every table that grows', () => {
  const asked = planned.map(({ sql }) => sql).join('\n')
  expect([...growing].filter((table) => !new RegExp(`\\b${table}\\b`).test(asked))).toEqual([])
})
