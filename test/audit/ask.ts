/** Asking the audit over HTTP. */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { admin, type TestServer } from '../support/server.ts'

export interface AuditReply {
  readonly status: number
  readonly challenge: string
  readonly body: AuditBody
}

export interface AuditEvent {
  readonly position: number
  readonly event_id: string
  readonly stream_id: string
  readonly type: string
  readonly actor: string
  readonly recorded_at: string
  readonly correlation_id: string
  readonly payload: Readonly<Record<string, unknown>>
}

interface AuditBody {
  readonly error?: string
  readonly message?: string
  readonly events: readonly AuditEvent[]
  readonly next_cursor?: string
  readonly connected_apps: readonly Readonly<Record<string, unknown>>[]
  readonly [field: string]: unknown
}

export type Asker = (path: string, parameters?: Record<string, string>) => Promise<AuditReply>

export function askerWith({ url }: TestServer, headers: Record<string, string>): Asker {
  return async (path, parameters = {}) => {
    const query = new URLSearchParams(parameters).toString()
    const asked = query === '' ? path : `${path}?${query}`
    const response = await fetch(`${url}/audit${asked}`, { headers })
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate') ?? '',
      body: (await response.json()) as AuditBody,
    }
  }
}

/** Asks as somebody who is signed in, by the cookie of the session; the administrator unless told. */
export async function signedInAsker(server: TestServer, credentials = admin): Promise<Asker> {
  const person = server.person(credentials)
  const form = hiddenFields(await (await person.open('/sign-in')).text())
  await person.submit('/sign-in', { ...form, ...credentials })
  return askerWith(server, { cookie: person.cookie })
}
