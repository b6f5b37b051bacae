/** What a client does with its own registration, for tests over HTTP. */
import { type Answer, authorize, type Registered, register } from './oauth-client.ts'
import type { TestServer } from './server.ts'
import { expect } from './test.ts'

interface Managed {
  /** Where: at the client's own address unless told. */
  readonly path?: string
  /** Its own unless told. */
  readonly authorization?: string | undefined
  readonly body?: unknown
}

export function tokenOf(client: Registered): string {
  return String(client.registration_access_token)
}

/** Sends GET, PUT or DELETE; an empty body reads as an empty object. */
export async function manage(
  { url }: Pick<TestServer, 'url'>,
  [method, client]: readonly ['GET' | 'PUT' | 'DELETE', Registered],
  asked: Managed = {},
): Promise<Answer<Record<string, unknown>>> {
  const authorization = 'authorization' in asked ? asked.authorization : `Bearer ${tokenOf(client)}`
  const response = await fetch(url + (asked.path ?? `/oauth/register/${client.client_id}`), {
    method,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(method === 'PUT' ? { 'content-type': 'application/json' } : {}),
    },
    ...(method === 'PUT' ? { body: JSON.stringify(asked.body ?? {}) } : {}),
  })
  const text = await response.text()
  const { status, headers } = response
  return { status, headers, body: text === '' ? {} : JSON.parse(text) }
}

/** A body for PUT: what was registered, without what the server alone says, and with changes. */
export function replacement(
  client: Registered,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  const {
    registration_access_token: _token,
    registration_client_uri: _uri,
    client_secret_expires_at: _expires,
    client_id_issued_at: _issued,
    ...own
  } = client
  return { ...own, ...changes }
}

type Make = (metadata?: Record<string, unknown>) => Promise<Registered>

/** With a secret, because a public client has no registration of its own. */
export const own = { token_endpoint_auth_method: 'client_secret_basic' }

/** The two kinds of registration that there are, by what they are. */
export function kindsOf(server: () => TestServer): Record<string, Make> {
  return {
    'a client nobody has consented to': (metadata) => register(server(), { ...own, ...metadata }),
    'a client in the log': async (metadata) => {
      const client = await register(server(), { ...own, ...metadata })
      expect((await authorize(server(), client)).code).not.toBe('')
      return client
    },
  }
}
