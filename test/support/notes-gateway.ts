/** A server before a recording MCP server of notes, and a client that was let in. */
import type { GivenSettings } from '../../src/config/settings.ts'
import { type Connected, connect } from './oauth-client.ts'
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'
import { freePort, startTestServer, type TestServer, type TestServerOptions } from './server.ts'

type GivenUpstream = NonNullable<NonNullable<GivenSettings['resources']>[number]['upstream']>

export interface NotesGateway {
  readonly server: TestServer
  readonly upstream: RecordingUpstream
  /** Where clients ask. */
  readonly endpoint: string
  /** Lets a client in, by the admin unless told. */
  connect(scope?: string, person?: Parameters<typeof connect>[2]): Promise<Connected>
  stop(): Promise<void>
}

export const notesScopes = {
  'notes:read': 'Read your notes',
  'notes:delete': 'Delete your notes',
}

export async function startNotesGateway(
  given: GivenUpstream = {},
  options: TestServerOptions & { readonly settings?: GivenSettings } = {},
): Promise<NotesGateway> {
  const upstream = await startRecordingUpstream()
  const { settings, ...rest } = options
  const port = await freePort()
  const server = await startTestServer(
    {
      port,
      resources: [
        {
          resource: '/mcp/notes',
          name: 'Notes',
          scopes: notesScopes,
          defaultScopes: ['notes:read'],
          upstream: {
            url: upstream.url,
            allowPrivate: true,
            tools: { 'read_*': 'notes:read', 'delete_*': 'notes:delete' },
            ...given,
          },
        },
      ],
      ...settings,
    },
    rest,
  )
  return {
    server,
    upstream,
    endpoint: `${server.url}/mcp/notes`,
    connect: (scope, person) => connect(server, scope === undefined ? {} : { scope }, person),
    async stop() {
      await server.stop()
      await upstream.stop()
    },
  }
}

export interface Sent {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: {
    readonly result?: Readonly<Record<string, unknown>>
    // biome-ignore lint/suspicious/noExplicitAny: whatever an error says
    readonly error?: any
    readonly [member: string]: unknown
  }
}

export interface Sending {
  readonly token?: string | undefined
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** As it is, where it is text. */
  readonly body?: unknown
}

/** One request as it is, and its answer in one piece. */
export async function sendTo(endpoint: string, sending: Sending): Promise<Sent> {
  const { token, method = 'POST', headers = {}, body } = sending
  const response = await fetch(endpoint, {
    method,
    headers: {
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  let parsed: Sent['body'] = {}
  try {
    parsed = JSON.parse(text)
  } catch {
    // A stream, or nothing.
  }
  return { status: response.status, headers: response.headers, text, body: parsed }
}

export function callOf(name: string, given: unknown = {}, id: string | number = 1) {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: given } }
}

export function ask(method: string, params?: Record<string, unknown>, id: string | number = 1) {
  return { jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) }
}

export function toolNames({ body }: Sent): unknown[] {
  const tools = (body.result?.tools ?? []) as { name: string }[]
  return tools.map(({ name }) => name)
}
