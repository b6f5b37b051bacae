/**
 * Stands between a store and its libSQL server, keeps what was asked, and does with the next
 * request what a test wants: answer it otherwise, cut the connection before or after the server
 * has had it, or hold the answer back.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly baton: string | null
  readonly requests: readonly { readonly type: string; readonly batch?: Batch }[]
  readonly authorization: string | undefined
}

interface Batch {
  readonly steps: readonly object[]
}

export interface Answer {
  readonly status: number
  readonly body: string
}

/** `pass` asks the server itself, with another baton where one is given. */
export type Deed = (
  pass: (baton?: string) => Promise<Answer>,
) => Promise<Answer | 'cut' | 'silence'>

export interface Relay {
  readonly url: string
  readonly asked: readonly Asked[]
  /** What is done with the next request of which this is true, instead of passing it on. */
  once(deed: Deed, isMeant?: (asked: Asked) => boolean): void
  stop(): Promise<void>
}

export async function startRelay(serverUrl: string): Promise<Relay> {
  const asked: Asked[] = []
  const deeds: { deed: Deed; isMeant: (asked: Asked) => boolean }[] = []
  const server = createServer(async (request, response) => {
    const { authorization } = request.headers
    const body = await textOf(request)
    const parsed = JSON.parse(body)
    const one: Asked = { ...parsed, baton: parsed.baton ?? null, authorization }
    asked.push(one)
    const pass = async (baton?: string): Promise<Answer> => {
      const sent = baton === undefined ? body : JSON.stringify({ ...parsed, baton })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(serverUrl + request.url, { method: 'POST', headers, body: sent })
      return { status: answer.status, body: await answer.text() }
    }
    const place = deeds.findIndex(({ isMeant }) => isMeant(one))
    const [meant] = place < 0 ? [] : deeds.splice(place, 1)
    const answer = await (meant ? meant.deed(pass) : pass()).catch(() => 'cut' as const)
    if (answer === 'silence') return
    if (answer === 'cut') request.socket.destroy()
    else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    once(deed, isMeant = () => true) {
      deeds.push({ deed, isMeant })
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
