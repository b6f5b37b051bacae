/**
 * A resource that says what a person can choose from: it checks who asks as its operator would,
 * by the keys that the server publishes, and can be told to misbehave.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'

type Serve = (request: IncomingMessage, response: ServerResponse) => void

export interface OptionServer {
  readonly url: string
  readonly origin: string
  /** `localhost:<port>`, as `outbound.allowed_hosts` takes it. */
  readonly host: string
  /** What it was asked with, once it had believed it. */
  readonly heard: JWTPayload[]
  /** What it answers from now on: a list, or something stranger. */
  answer(next: unknown | Serve): void
  /** Whose keys it believes, and what it is called there. */
  believe(issuer: string, audience: string): void
  stop(): Promise<void>
}

export async function startOptionServer(): Promise<OptionServer> {
  const heard: JWTPayload[] = []
  let current: unknown = []
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined
  let expected = { issuer: '', audience: '' }
  const server = createServer(async (request, response) => {
    if (typeof current === 'function') return current(request, response)
    const [, jwt = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
    try {
      if (!keys) throw new Error('Cannot believe anybody yet')
      const rules = { ...expected, typ: 'grantlog-options+jwt', requiredClaims: ['exp', 'jti'] }
      heard.push((await jwtVerify(jwt, keys, rules)).payload)
    } catch {
      response.writeHead(401).end()
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(current))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const host = `localhost:${typeof address === 'object' && address ? address.port : 0}`
  return {
    origin: `http://${host}`,
    url: `http://${host}/safes?of=person`,
    host,
    heard,
    answer: (next) => {
      current = next
    },
    believe: (issuer, audience) => {
      keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`))
      expected = { issuer, audience }
    },
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
