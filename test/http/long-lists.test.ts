/**
 * The administrator's lists and counts where there is far more than a page looks at.
 */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { countedMax } from '../../src/projections/counts.ts'
import { listTokens } from '../../src/projections/listed-tokens.ts'
import {
  type ListKey,
  type ListPage,
  rowsPerPageMax,
  rowsPerPiece,
} from '../../src/projections/listing.ts'
import {
  type ListAsked,
  listAgents,
  listClients,
  listGrants,
  listSessions,
  listUsers,
} from '../../src/projections/lists.ts'
import type { Reader } from '../../src/projections/statement.ts'
import { english } from '../../src/web/words/english.tsx'
import { countedId, fillTables, type Rows } from '../support/filled-tables.ts'
import { signInAt } from '../support/second-factor.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

const people = rowsPerPageMax + rowsPerPiece
/** More than a piece, in which every list has the same place several times. */
const others = rowsPerPiece + 100
const later = Date.now() + 24 * 60 * 60 * 1000

let server: TestServer
let person: DemoPerson
beforeAll(async () => {
  server = await startTestServer()
  fillTables(server, rows)
  person = server.person()
  await signInAt(person, '/sign-in', admin)
}, 60_000)
afterAll(() => server.stop())

const id = countedId

const rows: Rows = {
  users_v1: [
    people,
    {
      ...{ user_id: id('usr'), name: `CASE n WHEN 1 THEN 'A needle' ELSE 'Somebody' END` },
      ...{ email: `n || '@example.org'`, email_key: `'key ' || n`, admin: '0' },
      ...{ status: `CASE WHEN n < 4 THEN 'disabled' ELSE 'active' END` },
      ...{ groups: `'[]'`, permissions: `'[]'`, registered_at: '1', updated_at: '1' },
    },
  ],
  clients_v1: [
    others,
    {
      ...{ client_id: id('cli'), status: `'active'`, registered_via: `'dynamic'`, shared: '0' },
      ...{ metadata: `'{"clientName":"An app","redirectUris":[]}'`, contacts: `'[]'` },
      ...{ registered_at: 'n % 7', approved_at: '1' },
    },
  ],
  grants_v1: [
    others,
    {
      ...{ grant_id: id('grt'), user_id: `'usr_00000' || (n % 2)`, code_hash: `'code ' || n` },
      ...{ client_id: `'cli_00000' || (n % 3)`, access: `'[]'`, amr: `'[]'` },
      ...{ approved_at: 'n % 5', consented_at: '1', code_expires_at: `${later}` },
    },
  ],
  grant_tokens_v1: [
    3 * others,
    {
      ...{ grant_id: `'grt_' || printf('%06d', n % ${others} + 1)`, generation: 'n' },
      ...{ access_token_hash: `'hash ' || n`, refresh_token_hash: `'refresh ' || n` },
      ...{ resource: `'resource'`, scopes: `'[]'`, issued_at: '1', refresh_expires_at: `${later}` },
      // Of three of a grant one has expired, and the others end at once.
      access_expires_at: `CASE WHEN n > ${2 * others} THEN 1 ELSE ${later} END`,
    },
  ],
  issued_tokens_v1: [
    others,
    {
      ...{ token_hash: `'issued ' || n`, issuance_id: id('iss'), sub: `'sub'`, scopes: `'[]'` },
      ...{ client_id: `'cli_00000' || (n % 3)`, user_id: `'usr_00000' || (n % 2)` },
      ...{ resource: `'resource'`, actors: `'[]'`, client_ids: `'[]'`, issued_at: '1' },
      expires_at: `CASE n % 4 WHEN 0 THEN 1 ELSE ${later} END`,
    },
  ],
  api_tokens_v1: [
    others,
    {
      ...{ api_token_id: id('tok'), user_id: `'usr_00000' || (n % 2)`, place: '1', name: `'A'` },
      ...{ token_hash: `CASE n % 4 WHEN 1 THEN NULL ELSE 'api ' || n END`, resource: `'resource'` },
      ...{ scopes: `'[]'`, generation: '1', prefix: `'glt'`, last_four: `'abcd'` },
      ...{ key_version: '1', created_at: '1', expires_at: 'CASE n % 4 WHEN 0 THEN 1 END' },
    },
  ],
  sessions_v1: [
    others,
    {
      ...{ session_id: id('ses'), token_hash: `'session ' || n`, amr: `'[]'`, started_at: '1' },
      ...{ user_id: `'usr_00000' || (n % 2 + 4)`, authenticated_at: '1' },
      expires_at: `CASE n % 2 WHEN 0 THEN 1 ELSE ${later} END`,
    },
  ],
  agents_v1: [
    others,
    {
      ...{ agent_id: id('agt'), handle: `'agent ' || n`, handle_key: `'agent ' || n` },
      ...{ model_name: `'model'`, owner_email_key: `'key'`, owner_id: `'usr_00000' || (n % 2)` },
      ...{ secret_id: `'secret'`, status: `'confirmed'`, consents: `'[]'`, permissions: `'[]'` },
      ...{ registered_at: '1', updated_at: '1' },
    },
  ],
}

const page = async (path: string) => (await person.open(path)).text()
const numbers = (count: number) => count.toLocaleString('en')
const linkAfter = (html: string) =>
  /href="([^"]*after=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')

test('a search that has looked at many rows says so, and goes on from there', async () => {
  const first = await page('/admin/users?q=needle')
  expect(first).toContain(english.admin.nothingYet)
  expect(first).toContain(english.admin.lookedAt(numbers(rowsPerPageMax)))
  expect(first).toContain(english.admin.lookOn)
  const second = await page(linkAfter(first) ?? '')
  expect(second).toContain('A needle')
  expect(linkAfter(second)).toBeUndefined()
})

test('a search that finds a page early ends there', async () => {
  const html = await page('/admin/users?q=somebody')
  expect(html.match(/href="\/admin\/user\?id=/g)).toHaveLength(20)
  expect(html).toContain(english.admin.nextPage)
  expect(html).not.toContain(english.admin.lookOn)
})

test('what is named in full is found at once, wherever it is', async () => {
  const found = async (path: string, text: string) => {
    const html = await page(path)
    expect(html, path).toContain(text)
    expect(html, path).not.toContain(english.admin.lookOn)
  }
  await found('/admin/users?q=usr_000001', 'A needle')
  await found(`/admin/users?q=${admin.email.toUpperCase()}`, admin.email)
  await found('/admin/clients?q=cli_000007', 'cli_000007')
  await found('/admin/grants?q=grt_000003', 'grt_000003')
  await found('/admin/grants?q=usr_000001', 'grt_')
  await found('/admin/tokens?q=tok_000006', 'tok_000006')
  await found('/admin/tokens?q=grt_000003', 'hash')
  await found('/admin/agents?q=agt_000003', 'agent 3')
})

test('the overview counts so far and says that there are more', async () => {
  const html = await page('/admin')
  const { overview } = english.admin
  const atLeast = english.shell.atLeast(numbers(countedMax))
  expect([...html.matchAll(/<strong>[^<]*<\/strong>/g)].map(([each]) => each)).toEqual([
    ...[`<strong>${numbers(others)}</strong>`, `<strong>${atLeast}</strong>`],
    ...[`<strong>${numbers(others)}</strong>`, `<strong>${numbers(goodTokens())}</strong>`],
    // One more: who looks at it.
    `<strong>${numbers(others / 2 + 1)}</strong>`,
  ])
  expect(html).toContain(overview.disabledUsers(3))
})

/** Two of each grant, and of the others what is neither revoked nor over. */
function goodTokens(): number {
  return 2 * others + (others * 3) / 4 + others / 2
}

type List = (reader: Reader, asked: ListAsked & { now: number }) => Promise<ListPage<object>>

/** Every row of a list by what tells it apart, over all of its pages. */
async function everyRow(list: List, asked: Partial<ListAsked>, key: string): Promise<unknown[]> {
  const found: unknown[] = []
  let after: ListKey | undefined
  do {
    const { services } = server
    const all = { ...asked, after, rowsMax: 97, now: services.now() }
    const { rows, next } = await list(services.reader, all)
    found.push(...rows.map((row) => (row as Record<string, unknown>)[key]))
    after = next
  } while (after)
  return found
}

const lists: readonly [
  name: string,
  list: List,
  key: string,
  count: number,
  of: Partial<ListAsked>,
][] = [
  ['users', listUsers, 'userId', people + 1, {}],
  ['apps', listClients, 'clientId', others, {}],
  ['agents', listAgents, 'agentId', others, {}],
  ['agents of a person', listAgents, 'agentId', others / 2, { userId: 'usr_000001' }],
  ['consents', listGrants, 'grantId', others, {}],
  ['consents of a person', listGrants, 'grantId', others / 2, { userId: 'usr_000001' }],
  ['consents of an app', listGrants, 'grantId', others / 3, { clientId: 'cli_000001' }],
  [
    'consents of both',
    listGrants,
    'grantId',
    others / 6,
    { userId: 'usr_000001', clientId: 'cli_000001' },
  ],
  ['sessions of a person', listSessions, 'sessionId', others / 2, { userId: 'usr_000005' }],
  ['tokens', listTokens, 'tokenHash', goodTokens(), {}],
  ['tokens of a person', listTokens, 'tokenHash', (others * 7) / 4, { userId: 'usr_000001' }],
  ['tokens of an app', listTokens, 'tokenHash', (others * 11) / 12, { clientId: 'cli_000001' }],
]

for (const [name, list, key, count, of] of lists) {
  test(`${name}: every page together have each row once, also of those that are searched`, async () => {
    const found = await everyRow(list, of, key)
    const once = new Set(found)
    expect([found.length, once.size]).toEqual([count, count])
    const searched = await everyRow(list, { ...of, search: '3' }, key)
    expect(searched.length).toBeGreaterThan(0)
    expect(new Set(searched).size).toBe(searched.length)
    expect(searched.every((each) => once.has(each))).toBe(true)
  })
}
