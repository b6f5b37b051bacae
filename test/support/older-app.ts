/** An application on version 1 of the MCP SDK, with the provider that an application writes. */
import {
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  UnauthorizedError,
} from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type {
  OAuthClientInformationMixed,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js'
import { AppMemory, appRedirectUri } from './app-memory.ts'
import { endpointOf } from './mcp-app.ts'
import { rejectionOf } from './rejection.ts'
import { expect } from './test.ts'

interface Site {
  readonly url: string
}

/** It says of itself what applications on this version say: a name and where to return to. */
export class OlderApp
  extends AppMemory<OAuthClientInformationMixed, OAuthTokens, OAuthDiscoveryState>
  implements OAuthClientProvider
{
  readonly clientMetadata = { client_name: 'Older assistant', redirect_uris: [appRedirectUri] }
}

export function olderTransport(app: OlderApp, where: Site): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(endpointOf(where), { authProvider: app })
}

export async function openOlderApp(app: OlderApp, where: Site): Promise<Client> {
  const client = new Client({ name: 'older-assistant', version: '1.0.0' })
  // The SDK declares `sessionId` in a way that its own interface does not take under our settings.
  await client.connect(olderTransport(app, where) as Parameters<Client['connect']>[0])
  return client
}

/** From a first call that is refused to a connection with tokens. */
export async function connectOlderApp(app: OlderApp, where: Site): Promise<Client> {
  expect(await rejectionOf(openOlderApp(app, where))).toBeInstanceOf(UnauthorizedError)
  await olderTransport(app, where).finishAuth(app.takeCallback().get('code') ?? '')
  return openOlderApp(app, where)
}
