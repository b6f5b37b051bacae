/** Connected apps, as a person's own client looks after them. */
import { type AskedFor, type Connected, connect } from './oauth-client.ts'
import type { TestServer } from './server.ts'

export const files = 'https://files.example.com'

export const twoResources = [
  { resource: '/api/mcp', name: 'Jobs', scopes: { book: 'Start jobs', read: 'See jobs' } },
  { resource: files, name: 'Files', scopes: { 'files:read': 'Read files' } },
]

/** An access token that looks after what its person connected. */
export async function appsToken(server: TestServer, person = server.person()): Promise<string> {
  const asked = { resource: `${server.url}/api/connected-apps`, scope: 'apps:manage' }
  return (await connect(server, asked, person)).tokens.access_token
}

export interface ConnectedApp extends Connected {
  readonly grantId: string
}

/** A client that a person has connected, with the id that the person sees it under. */
export async function connectApp(
  server: TestServer,
  asked: AskedFor = { scope: 'book read' },
  person = server.person(),
): Promise<ConnectedApp> {
  const connected = await connect(server, asked, person)
  const sql = 'SELECT grant_id FROM grants_v1 WHERE client_id = ?'
  const row = await server.services.reader.get({ sql, args: [connected.client.client_id] })
  return { ...connected, grantId: String(row?.grant_id) }
}
