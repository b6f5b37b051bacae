/** An application on version 2 of the MCP SDK, with the provider that an application writes. */
import {
  Client,
  type OAuthClientInformationMixed,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type OAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { AppMemory, appRedirectUri } from './app-memory.ts'
import { rejectionOf } from './rejection.ts'
import { expect } from './test.ts'

export const booking = {
  restaurant: 'Chez Panisse',
  date: '2027-01-15',
  time: '19:30',
  party_size: 2,
}

/** What a server offers whose operator declared no tools. */
export const defaultTools = ['book_restaurant', 'get_job_status', 'get_job_audit']

export class McpApp
  extends AppMemory<OAuthClientInformationMixed, OAuthTokens, OAuthDiscoveryState>
  implements OAuthClientProvider
{
  readonly clientMetadata = {
    client_name: 'Table assistant',
    redirect_uris: [appRedirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
}

export function endpointOf({ url }: { readonly url: string }): URL {
  return new URL(`${url}/api/mcp`)
}

/** A client that connects as one of 2025 does, unless told to ask for what is newer. */
export function newClient(mode: VersionNegotiationMode = 'legacy'): Client {
  const info = { name: 'table-assistant', version: '1.0.0' }
  return new Client(info, { versionNegotiation: { mode } })
}

export function newTransport(app: McpApp, endpoint: URL): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(endpoint, { authProvider: app })
}

/** From a first call that is refused to a connection with tokens. */
export async function connectApp(
  app: McpApp,
  endpoint: URL,
  mode: VersionNegotiationMode = 'legacy',
): Promise<Client> {
  const first = newTransport(app, endpoint)
  expect(await rejectionOf(newClient(mode).connect(first))).toBeInstanceOf(UnauthorizedError)
  await first.finishAuth(app.takeCallback())
  return reconnectApp(app, endpoint, mode)
}

export async function reconnectApp(
  app: McpApp,
  endpoint: URL,
  mode: VersionNegotiationMode = 'legacy',
): Promise<Client> {
  const client = newClient(mode)
  await client.connect(newTransport(app, endpoint))
  return client
}
