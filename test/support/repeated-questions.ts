/**
 * A server whose resource server and whose proxy ask about the same token again and again, and how
 * often it made an answer instead of giving one that it had given before.
 */
import type { GivenSettings } from '../../src/config/settings.ts'
import { newId } from '../../src/domain/ids.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { basic, post } from './oauth-client.ts'
import { addClient, type OperatorClient } from './operator-client.ts'
import { startTestServer, type TestServer } from './server.ts'

export const api = 'https://api.example.com/mcp'
/** Its access tokens are JWTs. */
export const signedApi = 'https://signed.example.com/mcp'

export interface Asking {
  readonly server: TestServer
  /** Of the resource: it may ask about every token for it. */
  readonly asker: OperatorClient
  /** How many answers were made so far. */
  readonly made: () => number
  later(ms: number): void
}

const scopes = { read: 'Read', write: 'Write' }

export async function startAsking(settings: GivenSettings = {}): Promise<Asking> {
  let now = Date.now()
  const given = {
    trustedProxies: ['127.0.0.1', '::1'],
    apiTokens: { enabled: true, acceptedOn: ['rest' as const] },
    agents: { enabled: true },
    verify: [
      { path: '/signed', resource: signedApi, scopes: ['read'] },
      { path: '/write', resource: api, scopes: ['write'] },
      { path: '/', resource: api, scopes: ['read'] },
    ],
    resources: [
      { resource: api, name: 'API', scopes, whoMay: { write: ['staff'] } },
      { resource: signedApi, name: 'Signed', scopes, accessTokenFormat: 'jwt' as const },
    ],
    ...settings,
  }
  const server = await startTestServer(given, { clock: () => now })
  const asker = await addClient(server.services)
  // Its id is not known before the server runs; an operator would name it in the file.
  for (const each of server.services.settings.resources) {
    each.introspectionClients.push(asker.client_id)
  }
  return {
    server,
    asker,
    made: countMade(server),
    later: (ms) => {
      now += ms
    },
  }
}

/** Whoever makes an answer notes what is read for it. */
function countMade({ services: { reader } }: TestServer): () => number {
  const noting = reader.noting?.bind(reader)
  if (!noting) throw new Error('Cannot count: nothing is repeated here')
  let made = 0
  const counted = () => {
    made += 1
    return noting()
  }
  Object.assign(reader, { noting: counted })
  return () => made
}

export interface By {
  readonly id?: string
  readonly secret?: string
  readonly address?: string
  readonly path?: string
}

export function introspectBy({ server, asker }: Asking, token: string, by: By = {}) {
  const { id = asker.client_id, secret = asker.client_secret, address, path } = by
  return post(server, path ?? '/oauth/introspect', {
    form: { token },
    headers: {
      authorization: basic(id, secret),
      ...(address === undefined ? {} : { 'x-forwarded-for': address }),
    },
  })
}

/** As Caddy and Traefik ask. */
export function verifyAt(
  { server }: Asking,
  token: string,
  { path = '/', ...more }: Record<string, string> = {},
) {
  return fetch(`${server.url}/api/verify`, {
    headers: {
      ...{ 'x-forwarded-uri': path, 'x-forwarded-method': 'GET', 'x-forwarded-host': 'a.example' },
      authorization: `Bearer ${token}`,
      ...more,
    },
  })
}

/** What the resource server and the proxy are told: scopes, or that it is not good. */
export async function told(asking: Asking, token: string) {
  const { status, body } = await introspectBy(asking, token)
  const verified = await verifyAt(asking, token)
  await verified.text()
  return {
    introspected: status === 200 ? (body.scope ?? body.active) : status,
    verified: verified.status === 200 ? verified.headers.get('x-auth-scope') : verified.status,
  }
}

export const password = 'a very long passphrase'

/** Somebody who is no administrator. */
export async function newPerson({ services }: TestServer) {
  const email = `${newId('usr')}@example.com`
  const result = await registerUser(services, {
    ...{ email, password, name: 'Bob', admin: false, actor: 'cli' },
  })
  if (result.outcome !== 'accepted') throw new Error('Cannot register a person')
  return { email, password, userId: result.userId }
}
