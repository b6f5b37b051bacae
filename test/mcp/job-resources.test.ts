/** A token tells of the jobs of the resource that it is for, and of no other of the same person. */
import type { GivenSettings } from '../../src/config/settings.ts'
import { call } from '../support/api-tokens.ts'
import { connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'
import { send2025, toolCall } from './mcp-client.ts'

let server: TestServer
let home: string
let garden: string

beforeAll(async () => {
  const scopes = { book: 'Start things', read: 'See things' }
  const tellers = (['get_job_status', 'get_job_audit'] as const).flatMap((builtin) =>
    ['/api/mcp', '/api/mcp/garden'].map((at) => ({
      ...{ name: builtin, scope: 'read', builtin },
      resource: at,
    })),
  )
  const book = {
    ...{ name: 'book', title: 'Book', description: 'Books.', scope: 'book', job: true },
    inputSchema: { type: 'object' },
  }
  server = await startTestServer({
    resources: [
      { resource: '/api/mcp', name: 'Home', scopes },
      { resource: '/api/mcp/garden', name: 'Garden', scopes },
    ],
    tools: [book, ...tellers] as GivenSettings['tools'] & object,
  })
  home = (await connect(server, { resource: `${server.url}/api/mcp` })).tokens.access_token
  const resource = `${server.url}/api/mcp/garden`
  garden = (await connect(server, { resource })).tokens.access_token
})

afterAll(() => server.stop())

test('whichever way it is asked', async () => {
  const wish = { tool: 'book', arguments: {} }
  const started = await call<{ job_id: string }>(server, '/api/jobs', {
    method: 'POST',
    token: home,
    body: wish,
  })
  const jobId = started.body.job_id
  const ask = async (name: string, id: string, as: { token: string; path?: string }) => {
    const { body } = await send2025(server, { ...as, message: toolCall(name, { jobId: id }) })
    return body.result
  }
  for (const name of ['get_job_status', 'get_job_audit']) {
    expect((await ask(name, jobId, { token: home }))?.isError).toBeUndefined()
    const foreign = await ask(name, jobId, { token: garden, path: '/garden' })
    const none = await ask(name, 'job_none', { token: garden, path: '/garden' })
    expect(foreign?.isError).toBe(true)
    expect(foreign?.content[0]?.text.replace(jobId, '')).toBe(
      String(none?.content[0]?.text.replace('job_none', '')),
    )
  }
  const path = `/api/jobs/${jobId}`
  expect((await call(server, path, { token: home })).status).toBe(200)
  expect((await call(server, path, { token: garden })).status).toBe(404)
  const list = await call<{ jobs: unknown[] }>(server, '/api/jobs', { token: garden })
  expect(list.body.jobs).toEqual([])
  const elsewhere = await call(server, '/api/jobs', { method: 'POST', token: garden, body: wish })
  expect(elsewhere.status).toBe(400)
})
