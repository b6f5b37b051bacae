/**
 * No question reads a whole table that grows: each statement that the server sends, on a journey
 * through nearly everything that it does, is asked for its plan. A plan here is the plan with
 * millions of rows too, since no statistics are kept.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  'the newest sessions, of which most are good':
    /"sessions_v1" .*\) ORDER BY "session_id" DESC LIMIT \?$/,
  'an administrator counts everything': /^SELECT \(SELECT count\(\*\) FROM "clients_v1"\)/,
  'an administrator lists tokens, which stand in three tables':
    /^SELECT t\.\*, .* FROM "access_tokens_v1" a/,
  'an administrator searches for part of a word': /instr\(lower\(/,
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

async function everyPage(person: Parameters<typeof pagesFrom>[0]): Promise<void> {
  const account = ['/account', '/account/security', '/admin', '/device', '/approvals']
  await pagesFrom(person, [...account, '/developers/keys', '/developers/connected-apps'])
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

/** Rows in the order of an index, until there are as many as were asked for. */
function endsEarly({ sql, plan }: Planned): boolean {
  return / LIMIT \?$/.test(sql) && !/ WHERE /.test(sql) && !plan.includes(sorting)
}

const sorting = 'USE TEMP B-TREE FOR ORDER BY'

test('a statement goes through a table that grows only where a reason is given', () => {
  const scanning = planned.filter((one) => scannedBy(one).length > 0 && !endsEarly(one))
  const isExcepted = ({ sql }: Planned) => Object.values(exceptions).some((text) => text.test(sql))
  expect(scanning.filter((one) => !isExcepted(one))).toEqual([])
})

test('every reason is still needed', () => {
  const scanning = planned.filter((one) => scannedBy(one).length > 0 && !endsEarly(one))
  for (const [reason, text] of Object.entries(exceptions)) {
    expect(
      scanning.some(({ sql }) => text.test(sql)),
      reason,
    ).toBe(true)
  }
})

test('the journey comes by every table that grows', () => {
  const asked = planned.map(({ sql }) => sql).join('\n')
  expect([...growing].filter((table) => !new RegExp(`\\b${table}\\b`).test(asked))).toEqual([])
})
