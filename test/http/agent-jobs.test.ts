/** What an agent starts is its owner's: who sees it, who approves it, how it ends with what allowed it. */
import { revokeAgent } from '../../src/agents/change-agent.ts'
import { withdrawConsent } from '../../src/agents/own-agents.ts'
import { jobHistory } from '../../src/audit/jobs.ts'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { disableUser } from '../../src/identity/administer-user.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { queueJob } from '../../src/jobs/queue-job.ts'
import { findKnownAgent } from '../../src/protocol/known-agent.ts'
import { send2025, toolCall } from '../mcp/mcp-client.ts'
import {
  type ActingAgent,
  type AgentWish,
  actingAgent,
  tokenOfAgent,
} from '../support/acting-agent.ts'
import { connectAgent } from '../support/agent-browser.ts'
import { registerAgent, send } from '../support/agents.ts'
import { approvalOfJob, decide } from '../support/approvals.ts'
import { jobCaller } from '../support/job-caller.ts'
import { type JobWorker, jobWorker } from '../support/job-worker.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

const cause = { actor: 'cli', correlationId: 'cor_test' }
const bob = { email: 'bob@example.com', password: 'another long enough password' }
const table = { restaurant: 'Da Enzo', date: '2027-02-01', time: '19:30', party_size: 2 }
const payment = { amount: '84.50', currency: 'EUR', payee: 'Da Enzo', description: 'Four seats' }
const asksToPay = { type: 'paused_payment', note: 'Pay first', payment }
const result = { reference: 'ENZO-7' }

let server: TestServer
let agent: ActingAgent
let worker: JobWorker
beforeEach(async () => {
  server = await startTestServer({ agents: { enabled: true, unconfirmed: 'identity' } })
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'test' })
  agent = await newAgent()
  worker = await jobWorker(server)
})
afterEach(() => server.stop())

const newAgent = (wish: AgentWish = {}) => actingAgent(server, { owner: bob, ...wish })

async function call(name: string, given: Record<string, unknown>, by: ActingAgent = agent) {
  const message = toolCall(name, given)
  const { body, status } = await send2025(server, { token: by.accessToken, message })
  return { status, ...body.result, text: body.result?.content[0]?.text ?? '' }
}

async function book(by: ActingAgent = agent): Promise<string> {
  const { structuredContent, text } = await call('book_restaurant', table, by)
  if (!structuredContent) throw new Error(text)
  return String(structuredContent.jobId)
}

const get = (path: string, token: string) => send(server, path, { method: 'GET', token })
const jobsSeen = async (token: string) => {
  const { jobs } = (await (await get('/api/jobs', token)).json()) as {
    jobs: { job_id: string; agent_id?: string }[]
  }
  return jobs
}

async function stateOf(jobId: string) {
  const [job] = await server.services.log.load([`job/${jobId}`])
  return job?.state as { status: string; agentId?: string; userId: string }
}

async function signedIn() {
  const person = server.person(bob)
  const form = hiddenFields(await (await person.open('/sign-in')).text())
  await person.submit('/sign-in', { ...form, ...bob })
  return person
}

test('an agent books, its owner approves the payment on the page, and the agent reads how it went', async () => {
  const jobId = await book()
  const held = await worker.take()
  expect(held.id).toBe(jobId)
  await worker.report(held, asksToPay)
  const status = await call('get_job_status', { jobId })
  expect(status.structuredContent).toMatchObject({ status: 'paused_payment' })

  const { approvalId } = await approvalOfJob(server, jobId)
  const page = `/approvals/${approvalId}`
  const byToken = await send(server, `/api${page}`, { token: agent.accessToken, body: {} })
  expect(byToken.status).toBe(403)
  const asked = (await (await get(`/api${page}`, agent.accessToken)).json()) as object
  expect(asked).toMatchObject({ status: 'open', agent_id: agent.agentId })

  const owner = await signedIn()
  const listed = (await (await owner.open('/approvals')).text()).replaceAll(/<[^>]+>/g, '')
  expect(listed).toContain('navigator (your agent, with Test client) asks to pay')
  const html = await (await owner.open(page)).text()
  expect(html.replaceAll(/<[^>]+>/g, '')).toContain(
    'navigator (your agent, with Test client) asks you to pay for book_restaurant',
  )
  expect(html).toContain('href="/account/agents"')
  const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  const done = await owner.submit(page, { ...hiddenFields(form), decision: 'approve' })
  expect(done.headers.get('location')).toBe('/approvals?done=approved')
  await worker.report(held, { type: 'done', result })

  const audit = await call('get_job_audit', { jobId })
  expect(audit.structuredContent).toMatchObject({ jobId, status: 'done' })
  const { events = [] } = audit.structuredContent as { events?: { type: string }[] }
  const types = events.map(({ type }) => type)
  expect(types).toEqual(['JobQueued', 'JobClaimed', 'JobPaused', 'JobResumed', 'JobFinished'])
  const agents = (await (await owner.open('/account/agents')).text()).replaceAll(/<[^>]+>/g, '')
  expect(agents).toContain('book_restaurant, with Test client')
  expect(agents).toContain('is done')
})

test('the log names agent, owner, client and grant, in what is started and in what is asked', async () => {
  const jobId = await book()
  await worker.report(await worker.take(), asksToPay)
  const { grantId } = await tokenOfAgent(server, agent)
  const { agentId, ownerId } = agent
  const clientId = agent.client.client_id
  const named = { agentId, userId: ownerId, clientId, grantId }
  const [queued] = await eventsOf(server, 'JobQueued')
  expect(queued).toMatchObject({ actor: `client:${clientId}`, payload: named })
  const [asked] = await eventsOf(server, 'ApprovalAsked')
  expect(asked?.payload).toMatchObject(named)
  const history = await jobHistory(server.services, jobId)
  expect(history).toMatchObject({ agent_id: agentId, user_id: ownerId, grant_id: grantId })
  expect(history?.actors[`agent:${agentId}`]).toEqual({ kind: 'agent', name: 'navigator' })
  expect(history?.consent?.type).toBe('GrantApproved')
})

describe('an agent', () => {
  test('sees what it started and nothing else of its owner, who sees all', async () => {
    const person = await jobCaller(server, bob)
    const ofPerson = await person.start()
    const other = await newAgent({ handle: 'second.one' })
    const ofOther = await book(other)
    const own = await book()
    expect((await jobsSeen(agent.accessToken)).map(({ job_id }) => job_id)).toEqual([own])
    for (const hidden of [ofPerson, ofOther]) {
      for (const path of [`/api/jobs/${hidden}`, `/api/jobs/${hidden}/stream`]) {
        expect((await get(path, agent.accessToken)).status).toBe(404)
      }
      const cancel = { token: agent.accessToken, body: {} }
      expect((await send(server, `/api/jobs/${hidden}/cancel`, cancel)).status).toBe(404)
      for (const tool of ['get_job_status', 'get_job_audit']) {
        const told = await call(tool, { jobId: hidden })
        expect([told.isError, told.text]).toEqual([true, expect.stringContaining('no such job')])
      }
    }
    const seen = await jobsSeen(person.accessToken)
    expect(seen.map(({ job_id }) => job_id).sort()).toEqual([ofPerson, ofOther, own].sort())
    expect(seen.find(({ job_id }) => job_id === own)?.agent_id).toBe(agent.agentId)
    expect((await get(`/api/jobs/${own}`, agent.accessToken)).status).toBe(200)
  })

  test('sees what it asked itself, and no question of its owner’s other agents', async () => {
    const other = await newAgent({ handle: 'second.one', client: agent.client })
    const jobId = await book(other)
    await worker.report(await worker.take(), asksToPay)
    const { approvalId } = await approvalOfJob(server, jobId)
    expect((await get(`/api/approvals/${approvalId}`, agent.accessToken)).status).toBe(404)
    expect(await (await get('/api/approvals', agent.accessToken)).json()).toEqual({ approvals: [] })
    expect((await get(`/api/approvals/${approvalId}`, other.accessToken)).status).toBe(200)
  })

  test('has idempotency keys of its own', async () => {
    const other = await newAgent({ handle: 'second.one', client: agent.client })
    const wish = {
      ...{ tool: 'book_restaurant', scope: 'book', arguments: table },
      ...{ idempotencyKey: 'a', correlationId: 'test' },
    }
    const first = await queueJob(server.services, await tokenOfAgent(server, agent), wish)
    const second = await queueJob(server.services, await tokenOfAgent(server, other), wish)
    const again = await queueJob(server.services, await tokenOfAgent(server, agent), wish)
    expect(again).toEqual(first)
    expect(second).not.toEqual(first)
  })

  test('cancels what it started', async () => {
    const jobId = await book()
    const cancelled = await send(server, `/api/jobs/${jobId}/cancel`, {
      token: agent.accessToken,
      body: {},
    })
    expect(cancelled.status).toBe(200)
    expect((await stateOf(jobId)).status).toBe('cancelled')
  })

  test('that nobody has confirmed starts nothing', async () => {
    await registerAgent(server, { agent_id: 'stranger', owner_email: admin.email })
    const given = { agent_id: 'stranger', agent_secret: 'a chart of every harbour' }
    const { tokens } = await connectAgent(server, { scope: 'openid' }, given)
    const message = toolCall('book_restaurant', table)
    const token = tokens.access_token
    expect((await send2025(server, { token, message })).status).toBe(403)
    const wish = { tool: 'book_restaurant', arguments: table }
    expect((await send(server, '/api/jobs', { token, body: wish })).status).toBe(403)
    expect((await get('/api/jobs', token)).status).toBe(403)
    expect((await get('/api/approvals', token)).status).toBe(403)
    expect(await eventsOf(server, 'JobQueued')).toEqual([])
  })

  test('of somebody else sees and decides nothing here', async () => {
    const other = await actingAgent(server, { handle: 'of.ada', owner: admin })
    const jobId = await book()
    await worker.report(await worker.take(), asksToPay)
    const { approvalId } = await approvalOfJob(server, jobId)
    expect((await get(`/api/jobs/${jobId}`, other.accessToken)).status).toBe(404)
    expect((await get(`/api/approvals/${approvalId}`, other.accessToken)).status).toBe(404)
  })
})

const endings: readonly [what: string, end: () => Promise<unknown>][] = [
  [
    'the standing consent',
    () => {
      const given = { agentId: agent.agentId, clientId: agent.client.client_id, cause }
      const resource = `${server.url}/api/mcp`
      return withdrawConsent(server.services, agent.ownerId, { ...given, resource })
    },
  ],
  [
    'the agent',
    async () => {
      const known = await findKnownAgent(server.services, 'navigator')
      if (!known) throw new Error('Cannot end the agent: there is none')
      await revokeAgent(server.services, known, { reason: 'revoked_by_owner', cause })
    },
  ],
  [
    'the owner’s account',
    () => disableUser(server.services, { userId: agent.ownerId, why: 'a test' }, cause),
  ],
]

describe('SECURITY 41: with the end of', () => {
  for (const [what, end] of endings) {
    test(`${what}, what waits for a worker is given to none`, async () => {
      const jobId = await book()
      const token = await tokenOfAgent(server, agent)
      await end()
      expect((await worker.claim()).body.job).toBe(null)
      expect((await stateOf(jobId)).status).toBe('cancelled')
      const [cancelled] = await eventsOf(server, 'JobCancelled')
      expect(cancelled?.payload).toMatchObject({ reason: 'access_ended' })
      // A token that was looked up a moment before starts nothing either.
      const wish = { tool: 'book_restaurant', scope: 'book', arguments: table, correlationId: 't' }
      const refused = await queueJob(server.services, token, wish)
      expect(refused).toEqual({ outcome: 'refused', reason: 'access_withdrawn' })
    })

    test(`${what}, what waits for an approval is not approved any more`, async () => {
      const jobId = await book()
      await worker.report(await worker.take(), asksToPay)
      const about = await approvalOfJob(server, jobId)
      await end()
      const decided = await decide(server, about)
      expect(decided).toEqual({ outcome: 'refused', reason: 'approval_voided' })
    })
  }

  test('a consent, one that is given again revives nothing', async () => {
    const jobId = await book()
    await endings[0]?.[1]()
    await newAgent({ client: agent.client })
    expect((await worker.claim()).body.job).toBe(null)
    expect((await stateOf(jobId)).status).toBe('cancelled')
  })
})
