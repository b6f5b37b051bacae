/** Where a client on this computer waits for the browser to come back. */
import { createServer } from 'node:http'

export interface Callback {
  readonly uri: string
  /** The parameters of the one call since the last take. */
  take(): URLSearchParams
  stop(): Promise<void>
}

export async function startCallback(): Promise<Callback> {
  const calls: URLSearchParams[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (url.pathname === '/callback') calls.push(url.searchParams)
    const page = '<!doctype html><html lang="en"><title>Done</title><p>You can close this page.</p>'
    response.writeHead(200, { 'content-type': 'text/html' }).end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    uri: `http://127.0.0.1:${port}/callback`,
    take() {
      const [call, ...more] = calls.splice(0)
      if (!call || more.length > 0) throw new Error('Cannot take the callback: not called once')
      return call
    },
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
