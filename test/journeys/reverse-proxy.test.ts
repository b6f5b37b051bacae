/**
 * An API that knows nothing of OAuth, behind a reverse proxy that asks `/api/verify`: a real nginx
 * with the documents' own lines, and a proxy in Node that asks as Caddy and Traefik do.
 *
 * nginx is taken where it is installed, or from NGINX_PATH; the other proxy runs everywhere.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { identityHeaders } from '../../src/protocol/forward-auth.ts'
import { dpopOffered } from '../support/dpop.ts'
import { nginxPath, startNginx } from '../support/nginx.ts'
import { type Connected, connect } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const resource = 'https://api.example.com/mcp'

interface Proxy {
  readonly url: string
  stop(): Promise<void>
}

let server: TestServer
let reader: Connected
let api: Server
beforeAll(async () => {
  const scopes = { read: 'Read', write: 'Write' }
  server = await startTestServer({
    trustedProxies: ['127.0.0.1', '::1'],
    resources: [{ resource, name: 'API', scopes }],
    verify: [
      { path: '/reports', methods: ['GET', 'POST'], resource, scopes: ['read'] },
      { path: '/admin', resource, scopes: ['write'] },
    ],
  })
  reader = await connect(server, { resource, scope: 'read' })
  api = createServer((received, reply) => {
    reply.end(JSON.stringify({ url: received.url, headers: received.headers }))
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await server.stop()
  api.close()
})

function portOf(listening: Server): number {
  return (listening.address() as AddressInfo).port
}

/** Asks for each request as Caddy and Traefik do, and passes on what may pass. */
async function startNodeProxy(): Promise<Proxy> {
  const proxy = createServer(async (received, reply) => {
    const { authorization } = received.headers
    const answer = await fetch(`${server.url}/api/verify`, {
      headers: {
        'x-forwarded-method': received.method ?? '',
        'x-forwarded-host': received.headers.host ?? '',
        'x-forwarded-uri': received.url ?? '',
        ...(authorization === undefined ? {} : { authorization }),
      },
    })
    if (!answer.ok) {
      reply.writeHead(answer.status, [...answer.headers].flat()).end(await answer.text())
      return
    }
    const headers = { ...received.headers }
    delete headers.authorization
    for (const name of identityHeaders) headers[name.toLowerCase()] = answer.headers.get(name) ?? ''
    const onward = { port: portOf(api), path: received.url, method: received.method, headers }
    request(onward, (answered) => answered.pipe(reply)).end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const stop = async () => void proxy.close()
  return { url: `http://127.0.0.1:${portOf(proxy)}`, stop }
}

/** The documents' lines in a server that listens here. */
async function startReadmeNginx(): Promise<Proxy> {
  const blocks = readFileSync('docs/resources.md', 'utf8').matchAll(/```nginx\n(.*?)```/gs)
  const snippet =
    [...blocks].map(([, lines = '']) => lines).find((lines) => lines.includes('auth_request')) ?? ''
  const locations = snippet
    .replaceAll('127.0.0.1:8484', new URL(server.url).host.replace('localhost', '127.0.0.1'))
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${portOf(api)}`)
  const { port, stop } = await startNginx({ server: locations })
  return { url: `http://127.0.0.1:${port}`, stop }
}

interface Reached {
  readonly status: number
  readonly challenge: string | undefined
  /** What the API saw; absent when it was not reached. */
  readonly seen?: { url: string; headers: Record<string, string | undefined> }
}

/** A path goes out as it is: fetch would tidy it up. */
function ask(proxy: Proxy, path: string, headers: Record<string, string> = {}): Promise<Reached> {
  const { hostname, port } = new URL(proxy.url)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers }, async (answer: IncomingMessage) => {
      let text = ''
      for await (const chunk of answer) text += chunk
      const { statusCode: status = 0 } = answer
      const challenge = answer.headers['www-authenticate']
      resolve({ status, challenge, ...(status === 200 ? { seen: JSON.parse(text) } : {}) })
    })
    sent.on('error', reject).end()
  })
}

const proxies = [
  { name: 'a proxy that asks as Caddy and Traefik do', start: startNodeProxy, isHere: true },
  { name: 'nginx', start: startReadmeNginx, isHere: nginxPath !== undefined },
]

for (const { name, start, isHere } of proxies) {
  describe.skipIf(!isHere)(name, () => {
    let proxy: Proxy
    beforeAll(async () => {
      proxy = await start()
    })
    afterAll(() => proxy.stop())
    const bearer = () => ({ authorization: `Bearer ${reader.tokens.access_token}` })

    test('passes a request on, with who it is from and without the token', async () => {
      const { status, seen } = await ask(proxy, '/reports/7?q=1', bearer())
      expect(status).toBe(200)
      expect(seen?.url).toBe('/reports/7?q=1')
      expect(seen?.headers['x-auth-client']).toBe(reader.client.client_id)
      expect(seen?.headers['x-auth-scope']).toBe('read')
      expect(seen?.headers.authorization).toBeUndefined()
    })

    test('overwrites what a client says about itself', async () => {
      const lies = Object.fromEntries(identityHeaders.map((header) => [header, 'the admin']))
      const { seen } = await ask(proxy, '/reports', { ...lies, ...bearer() })
      expect(seen?.headers['x-auth-subject']).toMatch(/^usr_/)
      expect(JSON.stringify(seen)).not.toContain('the admin')
    })

    test('tells a client without a token where to go', async () => {
      const { status, challenge } = await ask(proxy, '/reports')
      expect(status).toBe(401)
      expect(challenge).toBe(
        'Bearer scope="read", ' +
          'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/mcp"' +
          dpopOffered,
      )
    })

    test('tells a client without the scope which one is needed', async () => {
      const { status, challenge } = await ask(proxy, '/admin', bearer())
      expect(status).toBe(403)
      expect(challenge).toMatch(/^Bearer error="insufficient_scope", scope="write", [^,]*$/)
    })

    test('is not led round by an odd path, nor by headers that say another', async () => {
      for (const path of ['/reports/../admin', '/reports/%2e%2e/admin', '//admin', '/else']) {
        expect([path, (await ask(proxy, path, bearer())).status]).toEqual([path, 403])
      }
      const lies = [
        { 'x-original-url': 'http://127.0.0.1/reports', 'x-original-method': 'GET' },
        { 'x-forwarded-uri': '/reports', 'x-forwarded-method': 'GET' },
      ]
      for (const lie of lies) {
        expect((await ask(proxy, '/admin', { ...lie, ...bearer() })).status).toBe(403)
      }
    })
  })
}
