/** Grant types that only clients which an operator added may have: workers under a preset that offers none. */
import { addClient } from '../../src/protocol/clients/operator-clients.ts'
import { send } from '../support/agents.ts'
import { jobCaller } from '../support/job-caller.ts'
import { JobWorker, workerToken } from '../support/job-worker.ts'
import { basic, post, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const worker = {
  client_name: 'Worker',
  grant_types: ['client_credentials'],
  scope: 'jobs:work',
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({}, { preset: 'onegent' })
})
afterAll(() => server.stop())

async function newWorker() {
  const { clientId, secret = '' } = await addClient(server.services, worker, { actor: 'cli' })
  const headers = { authorization: basic(clientId, secret) }
  return { client_id: clientId, client_secret: secret, headers }
}

describe('under the preset onegent', () => {
  test('a worker that the operator added claims a job and finishes it', async () => {
    const client = await newWorker()
    const works = new JobWorker(server.url, client, await workerToken(server.url, client))
    const jobId = await (await jobCaller(server)).start()
    const held = await works.take()
    expect(held.id).toBe(jobId)
    await works.report(held, { type: 'done', result: { reference: 'ENZO-7' } })
    const [job] = await server.services.log.load([`job/${jobId}`])
    expect(job?.state).toMatchObject({ status: 'done' })
  })

  test('the metadata names the two grant types of its documents', async () => {
    const response = await fetch(`${server.url}/.well-known/oauth-authorization-server`)
    const { grant_types_supported } = (await response.json()) as Record<string, unknown>
    expect(grant_types_supported).toEqual(['authorization_code', 'refresh_token'])
  })

  test('nobody registers for the grant type of workers, nor is told that there is one', async () => {
    const { grant_types } = worker
    const alone = await send(server, '/oauth/register', { body: worker })
    expect([alone.status, await alone.json()]).toMatchObject([
      400,
      { error: 'invalid_client_metadata' },
    ])
    const client = await register(server, { grant_types: ['authorization_code', ...grant_types] })
    const { client_id, client_secret = '' } = client
    const asked = await post(server, '/oauth/token', {
      form: { grant_type: 'client_credentials', resource: `${server.url}/api/jobs` },
      headers: { authorization: basic(client_id, client_secret) },
    })
    expect(asked).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } })
  })
})
