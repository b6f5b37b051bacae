/** What an operator may put behind a tool: a service that remembers what it was asked. */
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

export interface Endpoint {
  readonly url: string
  readonly asked: Asked[]
  /** What is done before an answer. */
  whenAsked: (() => Promise<void>) | undefined
  /** Resolves once so many wait for the answer of `/slow`. */
  hasSlow(count: number): Promise<void>
  /** Answers those that wait, and from now on at once. */
  answerSlow(): void
  stop(): Promise<void>
}

const answers: Readonly<Record<string, [number, string]>> = {
  '/switch': [200, '{"lit":true}'],
  '/slow': [200, '{}'],
  '/refuse': [404, '{"message":"No lamp is called hall"}'],
  '/fail': [500, '{"message":"planted stack"}'],
  '/moved': [302, '{}'],
  '/text': [200, 'lit'],
  '/list': [200, '[true]'],
  '/other': [200, '{"lit":"yes"}'],
}

export async function startEndpoint(): Promise<Endpoint> {
  const asked: Asked[] = []
  const slow: (() => void)[] = []
  const arrivals = new EventEmitter()
  let isSlow = true
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const { method = '', url: path = '', headers } = request
      asked.push({ method, path, headers, body: JSON.parse(Buffer.concat(chunks).toString()) })
      await endpoint.whenAsked?.()
      const [status, body] = answers[path] ?? [404, '{}']
      response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' })
      if (path !== '/slow' || !isSlow) {
        response.end(body)
        return
      }
      slow.push(() => response.end(body))
      arrivals.emit('slow')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const endpoint: Endpoint = {
    whenAsked: undefined,
    url: `http://127.0.0.1:${port}`,
    asked,
    hasSlow: async (count) => {
      while (slow.length < count) await once(arrivals, 'slow')
    },
    answerSlow: () => {
      isSlow = false
      for (const answer of slow) answer()
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return endpoint
}
