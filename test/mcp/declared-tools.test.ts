/** Tools that an operator declared: what they offer, what they do, and what nobody gets past. */
import type { GivenSettings } from '../../src/config/settings.ts'
import type { GivenTool } from '../../src/config/tool-settings.ts'
import { connect } from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { send2025, send2026, toolCall } from './mcp-client.ts'
import { type Endpoint, startEndpoint } from './tool-endpoint.ts'

const list = { id: 1, method: 'tools/list' }
const lampId = {
  type: 'object',
  properties: { lamp: { type: 'string', maxLength: 20 } },
  required: ['lamp'],
  additionalProperties: false,
}

let endpoint: Endpoint
let server: TestServer
let token: string
let reading: string

function toolAt(path: string, more: Partial<GivenTool> = {}): GivenTool {
  const name = path.slice(1)
  const headers = { 'X-Lamp-Key': 'the operator’s key'.replace('’', '') }
  return {
    ...{ name, title: name, description: `Does ${name}`, scope: 'book', inputSchema: lampId },
    http: { url: `${endpoint.url}${path}`, headers },
    ...more,
  }
}

beforeAll(async () => {
  endpoint = await startEndpoint()
  const lit = { type: 'object', properties: { lit: { type: 'boolean' } }, required: ['lit'] }
  const port = await freePort()
  const scopes = { book: 'Switch things', read: 'See things' }
  server = await startTestServer({
    port,
    outbound: { allowedHosts: [new URL(endpoint.url).host] },
    resources: [
      { resource: '/api/mcp', name: 'Home', scopes },
      { resource: '/api/mcp/garden', name: 'Garden', scopes: { water: 'Water plants' } },
    ],
    tools: [
      toolAt('/switch', { outputSchema: lit }),
      toolAt('/refuse'),
      toolAt('/slow', { inputSchema: { type: 'object' } }),
      toolAt('/fail'),
      toolAt('/moved'),
      toolAt('/text'),
      toolAt('/list'),
      toolAt('/other', { outputSchema: lit }),
      toolAt('/gone', { http: { url: 'https://192.168.1.1/x' } }),
      toolAt('/water', { scope: 'water', resource: '/api/mcp/garden' }),
      { name: 'lamp_status', scope: 'read', builtin: 'get_job_status' },
    ] as GivenSettings['tools'] & object,
  })
  token = (await connect(server)).tokens.access_token
  reading = (await connect(server, { scope: 'read' })).tokens.access_token
})
afterAll(async () => {
  await server.stop()
  await endpoint.stop()
})

async function call(name: string, given: Record<string, unknown> = { lamp: 'hall' }, as = token) {
  return (await send2025(server, { token: as, message: toolCall(name, given) })).body.result
}

describe('an endpoint behind a tool', () => {
  test('gets the arguments as JSON and is told for whom; its answer is the structured content', async () => {
    for (const send of [send2025, send2026]) {
      const message = toolCall('switch', { lamp: 'hall' })
      const { result } = (await send(server, { token, message })).body
      expect(result?.structuredContent).toEqual({ lit: true })
      expect(JSON.parse(result?.content[0]?.text ?? '')).toEqual({ lit: true })
    }
    const asked = endpoint.asked.at(-1)
    expect(asked?.method).toBe('POST')
    expect(asked?.body).toEqual({ lamp: 'hall' })
    expect(asked?.headers['x-lamp-key']).toBe('the operators key')
    expect(asked?.headers['x-auth-subject']).toMatch(/^usr_/)
    expect(asked?.headers['x-auth-client']).toMatch(/^dcr_/)
    expect(asked?.headers['x-auth-resource']).toBe(`${server.url}/api/mcp`)
    expect(asked?.headers['x-request-id']).toMatch(/^rid_/)
  })

  test('never sees the token of the client', async () => {
    await call('switch')
    expect(JSON.stringify(endpoint.asked)).not.toContain(token)
  })

  test('is not asked with arguments that do not fit', async () => {
    const before = endpoint.asked.length
    for (const given of [{}, { lamp: 1 }, { lamp: 'x'.repeat(21) }, { lamp: 'a', more: 1 }]) {
      expect((await call('switch', given))?.isError).toBe(true)
    }
    expect(endpoint.asked.length).toBe(before)
  })

  test('is asked by so many at once and no more', async () => {
    const version = { 'mcp-protocol-version': '2025-03-26' }
    const batch = Array.from({ length: 50 }, (_, id) => ({ ...toolCall('slow', {}), id }))
    const send = () => send2025(server, { token, message: batch }, version)
    const waiting = [send(), send()]
    await endpoint.hasSlow(100)
    await send()
    endpoint.answerSlow()
    await Promise.all(waiting)
    expect(endpoint.asked.filter(({ path }) => path === '/slow')).toHaveLength(100)
    expect(server.logged()).toContain('100 calls are under way')
  })

  test('may refuse in its own words', async () => {
    const result = await call('refuse')
    expect(result).toMatchObject({ isError: true, content: [{ text: 'No lamp is called hall' }] })
  })

  test('that fails, moves, or answers other than declared is for the operator to look at', async () => {
    for (const name of ['fail', 'moved', 'text', 'list', 'other', 'gone']) {
      const result = await call(name)
      expect(result?.isError).toBe(true)
      expect(result?.content[0]?.text).toContain('try again later')
      expect(result?.structuredContent).toBeUndefined()
    }
    expect(endpoint.asked.map(({ path }) => path)).not.toContain('/elsewhere')
    expect(server.logged()).toContain('address_refused')
    expect(server.logged()).toContain('the answer is not as declared')
  })
})

describe('the list', () => {
  const names = async (from: TestServer, as: string, path = '') => {
    const { body } = await send2025(from, { token: as, message: list, path })
    return body.result?.tools?.map(({ name }) => name)
  }

  test('of a resource has its own tools alone, at its own address', async () => {
    expect(await names(server, token)).not.toContain('water')
    const resource = `${server.url}/api/mcp/garden`
    const gardening = (await connect(server, { resource })).tokens.access_token
    expect(await names(server, gardening, '/garden')).toEqual(['water'])
    const elsewhere = await send2025(server, { token: gardening, message: list })
    expect(elsewhere.status).toBe(401)
    const refused = await send2025(server, { token, message: list, path: '/garden' })
    expect(refused.status).toBe(401)
    expect(refused.challenge).toContain('/.well-known/oauth-protected-resource/api/mcp/garden')
  })

  test('of what is no resource of tools is 404', async () => {
    for (const path of ['/kitchen', '/garden/', '/..%2f..%2faudit', '/%2e%2e']) {
      expect((await send2025(server, { token, message: list, path })).status).toBe(404)
    }
  })

  test('is whole for any token, or of what the token may call, as the operator says', async () => {
    expect(await names(server, reading)).toContain('switch')
    const narrow = await startTestServer({ mcp: { toolsList: 'granted' } })
    try {
      const only = (await connect(narrow, { scope: 'read' })).tokens.access_token
      expect(await names(narrow, only)).toEqual(['get_job_status', 'get_job_audit'])
      const all = (await connect(narrow)).tokens.access_token
      expect(await names(narrow, all)).toContain('book_restaurant')
      const message = toolCall('book_restaurant', {})
      const refused = await send2025(narrow, { token: only, message })
      expect([refused.status, refused.challenge.includes('scope="book"')]).toEqual([403, true])
    } finally {
      await narrow.stop()
    }
  })
})

test('a tool that nobody declared is unknown, whatever objects call their own', async () => {
  for (const name of ['nothing', 'water', 'constructor', '__proto__', 'toString']) {
    const { status, body } = await send2025(server, { token, message: toolCall(name, {}) })
    expect([status, body.result?.structuredContent]).toEqual([200, undefined])
    expect(body.error ?? body.result?.isError).toBeTruthy()
  }
})
