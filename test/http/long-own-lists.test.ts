/** A person's own pages, of somebody who has far more than a page looks at. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { countApprovals, listApprovals } from '../../src/projections/approvals.ts'
import { connectionsLookedAtMax } from '../../src/projections/connections.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { english } from '../../src/web/words/english.tsx'
import { countedId, fillTables } from '../support/filled-tables.ts'
import { signInAt } from '../support/second-factor.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

const more = 100
const connections = connectionsLookedAtMax + more
const sessions = 1_000 + more
const approvals = 2_000 + more
const now = Date.now()
const later = now + 24 * 60 * 60 * 1000

let server: TestServer
let person: DemoPerson
beforeAll(async () => {
  server = await startTestServer()
  const { userId = '' } = (await findUserByEmail(server.services, admin.email)) ?? {}
  const owner = { user_id: `'${userId}'` }
  person = server.person()
  await signInAt(person, '/sign-in', admin)
  const asked = {
    ...{ ...owner, client_id: `'cli_1'`, resource: `'resource'`, kind: `'payment'` },
    ...{ tool: `'book'`, expires_at: `${later}` },
  }
  fillTables(server, {
    grants_v1: [
      connections,
      {
        ...{ ...owner, grant_id: countedId('grt'), client_id: `'cli_00000' || (n % 3)` },
        ...{ access: `'[]'`, code_hash: `'code ' || n`, amr: `'[]'` },
        ...{ approved_at: 'n', consented_at: '1', code_expires_at: `${later}` },
      },
    ],
    sessions_v1: [
      sessions,
      {
        ...{ ...owner, session_id: countedId('ses'), token_hash: `'session ' || n`, amr: `'[]'` },
        ...{ started_at: '1', authenticated_at: '1', expires_at: `${later}` },
      },
    ],
    expiring: [
      sessions,
      {
        ...{ kind: `'session-use'`, id: countedId('ses'), body: `'{"at":' || n || '}'` },
        expires_at: `${later}`,
      },
    ],
    approvals_v1: [
      approvals,
      {
        ...{ ...asked, approval_id: countedId('apr'), asked_at: 'n' },
        // The very first is open still.
        ...{ status: `CASE n WHEN 1 THEN 'open' ELSE 'denied' END` },
        ...{ ended_at: 'CASE n WHEN 1 THEN NULL ELSE 1 END' },
      },
    ],
  })
}, 60_000)
afterAll(() => server.stop())

const page = async (path: string) => (await person.open(path)).text()
const numbers = (count: number) => count.toLocaleString('en')
const atLeast = english.shell.atLeast(numbers(connectionsLookedAtMax))

test('of connections so many are counted, and it is said that there are more', async () => {
  expect(await page('/account')).toContain(english.connectedApps.count(atLeast))
  const list = await page('/developers/connected-apps')
  expect(list).toContain(english.connectedApps.notAll(numbers(connectionsLookedAtMax)))
  expect(list).toContain(english.shell.paging.page(1, connectionsLookedAtMax / 20))
  const found = await page('/developers/connected-apps?search=cli_000000')
  expect(found).toContain('grt_')
  const question = await page('/developers/connected-apps/revoke')
  expect(question).toContain(english.connectedApps.revokeAllHint(atLeast))
})

test('of sessions this browser comes first, then those of the newest that were used last', async () => {
  const html = await page('/account')
  expect(html.match(/name="session" value="ses_/g)).toHaveLength(24)
  expect(html).toContain(`value="ses_00${sessions}"`)
  expect(html).not.toContain('value="ses_000001"')
})

test('of what was asked, whatever is open stands first, however long ago', async () => {
  const { reader } = server.services
  const { userId = '' } = (await findUserByEmail(server.services, admin.email)) ?? {}
  const asked = { userId, rowsMax: 2, clientId: 'cli_1' }
  const ids = (await listApprovals(reader, asked)).map(({ approvalId }) => approvalId)
  expect(ids).toEqual(['apr_000001', `apr_00${approvals}`])
  // One more than are looked at: the open one.
  expect(await countApprovals(reader, userId)).toBe(approvals - more + 1)
})
