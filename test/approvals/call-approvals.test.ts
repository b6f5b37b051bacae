/** Calls that are made only with the person's approval: the same call, once, and no other. */
import { type Call, requireApproval } from '../../src/approvals/call-approval.ts'
import { endApprovals } from '../../src/jobs/decide-approval.ts'
import { decide, openApprovals } from '../support/approvals.ts'
import { type JobCaller, jobCaller } from '../support/job-caller.ts'
import { post } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let caller: JobCaller
let userId: string
let ahead = 0

beforeAll(async () => {
  const clock = () => Date.now() + ahead
  const approvals = { openPerClientMax: 3 }
  const accessTokenTtlSeconds = 30 * 24 * 3600
  server = await startTestServer({ approvals, accessTokenTtlSeconds }, { clock })
  caller = await jobCaller(server)
  userId = String((await caller.token()).userId)
})

afterAll(() => server.stop())

const whole: Call = {
  tool: 'delete_file',
  scope: 'book',
  given: '{"file":"taxes.pdf"}',
  correlationId: 'test',
}

async function ask(call: Partial<Call> = {}, by = caller) {
  return requireApproval(server.services, await by.token(), { ...whole, ...call })
}

async function asked(call: Partial<Call> = {}) {
  const answer = await ask(call)
  if (answer.outcome !== 'asked') throw new Error(`Cannot go on: ${answer.outcome}`)
  return { approvalId: answer.approvalId, userId }
}

describe('a call', () => {
  test('is asked about once, however often it is made while nobody has answered', async () => {
    const given = '{"file":"once"}'
    const all = await Promise.all(Array.from({ length: 8 }, () => ask({ given })))
    expect(new Set(all.map((answer) => JSON.stringify(answer))).size).toBe(1)
    const about = await asked({ given })
    await decide(server, about, { choice: 'deny' })
  })

  test('goes through once when it was approved, however many make it at once', async () => {
    const about = await asked()
    await decide(server, about)
    const all = await Promise.all(Array.from({ length: 8 }, () => ask()))
    expect(all.filter(({ outcome }) => outcome === 'approved')).toHaveLength(1)
    const again = all.find(({ outcome }) => outcome === 'asked')
    expect(again).not.toMatchObject({ approvalId: about.approvalId })
    await decide(server, await asked(), { choice: 'deny' })
  })

  test('is another with other arguments, another tool, another client', async () => {
    const given = '{"file":"this"}'
    const about = await asked({ given })
    await decide(server, about)
    const other = await jobCaller(server)
    for (const answer of [
      await ask({ given: '{"file":"that"}' }),
      await ask({ given, tool: 'delete_folder' }),
      await ask({ given }, other),
    ]) {
      expect(answer.outcome).toBe('asked')
    }
    expect((await ask({ given })).outcome).toBe('approved')
    for (const approvalId of await openApprovals(server, userId)) {
      await decide(server, { approvalId, userId }, { choice: 'deny' })
    }
  })

  test('that was denied stays so until its question would have been over', async () => {
    const given = '{"file":"denied"}'
    const about = await asked({ given })
    await decide(server, about, { choice: 'deny' })
    expect(await ask({ given })).toMatchObject({ outcome: 'denied', approvalId: about.approvalId })
    ahead += 3_600_000 + 1000
    const again = await asked({ given })
    expect(again.approvalId).not.toBe(about.approvalId)
    await decide(server, again, { choice: 'deny' })
  })

  test('that nobody answered is asked about anew', async () => {
    const given = '{"file":"late"}'
    const about = await asked({ given })
    ahead += 3_600_000 + 1000
    expect(await decide(server, about)).toEqual({ outcome: 'refused', reason: 'approval_expired' })
    const again = await asked({ given })
    expect(again.approvalId).not.toBe(about.approvalId)
    ahead += 3_600_000 + 1000
    expect(await endApprovals(server.services)).toBeGreaterThan(0)
    expect(await openApprovals(server, userId)).toEqual([])
  })

  test('that was approved is made soon, or asked about anew', async () => {
    const given = '{"file":"slow"}'
    const about = await asked({ given })
    await decide(server, about)
    ahead += 600_000 + 1000
    const again = await asked({ given })
    await decide(server, again, { choice: 'deny' })
  })
})

describe('who asks', () => {
  test('has only so many questions open', async () => {
    for (const file of ['a', 'b', 'c']) await asked({ given: `{"file":"${file}"}` })
    expect(await ask({ given: '{"file":"d"}' })).toEqual({
      outcome: 'refused',
      reason: 'too_many_approvals',
    })
    expect((await ask({ given: '{"file":"a"}' })).outcome).toBe('asked')
    for (const approvalId of await openApprovals(server, userId)) {
      await decide(server, { approvalId, userId }, { choice: 'deny' })
    }
  })

  test('asks about nothing that cannot be shown', async () => {
    expect(await ask({ given: JSON.stringify({ file: 'x'.repeat(20_000) }) })).toEqual({
      outcome: 'refused',
      reason: 'arguments_too_large',
    })
  })

  test('and lost what allowed it can use nothing that was approved', async () => {
    const other = await jobCaller(server)
    const token = await other.token()
    const first = await requireApproval(server.services, token, whole)
    if (first.outcome !== 'asked') throw new Error(first.outcome)
    await decide(server, { approvalId: first.approvalId, userId })
    const form = { token: other.refreshToken, client_id: other.clientId }
    await post(server, '/oauth/revoke', { form })
    expect(await requireApproval(server.services, token, whole)).toEqual({
      outcome: 'refused',
      reason: 'access_withdrawn',
    })
  })
})
