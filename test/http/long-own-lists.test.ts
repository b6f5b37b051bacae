/** A person's own pages, of somebody who has far more than a page looks at. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { countApprovals, listApprovals } from '../../src/projections/approvals.ts'
import { connectionsLookedAtMax } from '../../src/projections/connections.ts'
import { listJobs } from '../../src/projections/jobs.ts'
import { rowsPerPiece } from '../../src/projections/listing.ts'
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
const jobs = 2 * rowsPerPiece + more
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
    ...{ ...owner, client_id: `'cli_1'`, resource: `'resource'` },
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
    jobs_v1: [
      jobs,
      {
        ...{ ...asked, job_id: countedId('job'), queued_at: 'n / 3' },
        ...{ changed_at: '1', agent_id: `CASE WHEN n < 4 THEN 'agt_1' END` },
        ...{ status: `CASE n WHEN 1 THEN 'captcha' WHEN 2 THEN 'error' ELSE 'done' END` },
        ...{ ended_at: 'CASE n WHEN 1 THEN NULL ELSE 1 END' },
      },
    ],
    approvals_v1: [
      approvals,
      {
        ...{ ...asked, approval_id: countedId('apr'), asked_at: 'n', kind: `'payment'` },
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

test('of jobs those of one kind or of one agent are found, however long ago, in pages', async () => {
  const { reader } = server.services
  const { userId = '' } = (await findUserByEmail(server.services, admin.email)) ?? {}
  const ids = async (asked: Partial<Parameters<typeof listJobs>[1]>) =>
    (await listJobs(reader, { userId, rowsMax: jobs, ...asked })).map(({ jobId }) => jobId)
  expect(await ids({ statuses: ['captcha', 'needs_login'] })).toEqual(['job_000001'])
  expect(await ids({ statuses: ['captcha', 'error'] })).toEqual(['job_000002', 'job_000001'])
  expect(await ids({ resource: 'another' })).toEqual([])
  expect(await ids({ agentId: 'agt_1' })).toEqual(['job_000003', 'job_000002', 'job_000001'])
  const all = await ids({})
  expect(new Set(all).size).toBe(jobs)
  const [first, rest] = [all.slice(0, 7), all.slice(7)]
  expect(await ids({ rowsMax: 7 })).toEqual(first)
  const last = { queuedAt: Math.floor(Number(first[6]?.slice(4)) / 3), jobId: first[6] ?? '' }
  expect(await ids({ after: last })).toEqual(rest)
})

test('what ends with the account is counted as far', async () => {
  const step = await page('/account/delete')
  expect(step).toContain(english.stepParts.sessionsEnd('1,000+'))
  expect(step).toContain(english.stepParts.appsEnd('3+'))
})
