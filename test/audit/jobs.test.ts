/** The history of a job: from the consent that allowed it to where it stands. */
import { execute } from '../../src/domain/execute.ts'
import { jobDecider } from '../../src/domain/job.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { send2026, toolCall } from '../mcp/mcp-client.ts'
import { connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'
import { signedInAsker } from './ask.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(() => server.stop())

test('a job tells who asked, under which consent, and what happened in order', async () => {
  const { client, tokens } = await connect(server)
  const clientId = client.client_id
  const given = { restaurant: 'Da Enzo', date: '2027-02-01', time: '20:00', party_size: 2 }
  const message = toolCall('book_restaurant', given)
  const reply = await send2026(server, { token: tokens.access_token, message })
  const jobId = String(reply.body.result?.structuredContent?.jobId)
  const { log, now } = server.services
  const cause = { actor: 'system:jobs', correlationId: jobId }
  await execute<string>(log, cause, async (work) => {
    const held = { leaseHash: sha256('a lease'), now: now() }
    await work.decide(jobDecider, jobId, { kind: 'claim', workerId: 'op_1', ...held })
    return work.decide(jobDecider, jobId, { kind: 'finish', result: 'a table', ...held })
  })

  const ask = await signedInAsker(server)
  const { status, body } = await ask(`/jobs/${jobId}`)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    job_id: jobId,
    client_id: clientId,
    tool: 'book_restaurant',
    status: 'done',
    consent: { type: 'GrantApproved', payload: { grantId: body.grant_id, clientId } },
  })
  expect(body.consent).toMatchObject({ actor: `user:${body.user_id}` })
  const types = body.events.map(({ type }) => type)
  expect(types).toEqual(['JobQueued', 'JobClaimed', 'JobFinished'])
  expect(body.events[2]?.payload).toMatchObject({ result: 'a table' })
})
