/** Applications on both official MCP clients, connected by a person, that may book. */
import { auth } from '@modelcontextprotocol/sdk/client/auth.js'
import type { BrowserPerson } from '../support/browser-person.ts'
import {
  booking,
  connectApp,
  endpointOf,
  McpApp,
  newTransport,
  reconnectApp,
} from '../support/mcp-app.ts'
import { connectOlderApp, OlderApp, olderTransport, openOlderApp } from '../support/older-app.ts'
import { rejectionOf } from '../support/rejection.ts'
import type { TestServer } from '../support/server.ts'
import { expect } from '../support/test.ts'

interface Answer {
  readonly isError?: boolean
  readonly structuredContent?: unknown
}

export interface Application {
  readonly clientId: string
  readonly token: () => string
  call(name: string, given: Record<string, unknown>): Promise<Answer>
  close(): Promise<void>
}

/** Both begin with a token that may only read, and come back for more. */
export const applications = {
  async '1.x'(where: TestServer, person: BrowserPerson): Promise<Application> {
    const app = new OlderApp(person)
    const reading = await connectOlderApp(app, where)
    expect(app.held().scope).toBe('read')
    const call = { name: 'book_restaurant', arguments: booking }
    expect(await rejectionOf(reading.callTool(call))).toMatchObject({ code: 403 })
    // This version does not ask for the union by itself.
    app.invalidateCredentials('tokens')
    await auth(app, { serverUrl: endpointOf(where), scope: 'read book' })
    await olderTransport(app, where).finishAuth(app.takeCallback().get('code') ?? '')
    const client = await openOlderApp(app, where)
    return {
      clientId: app.registered().client_id,
      token: () => app.held().access_token,
      call: (name, given) => client.callTool({ name, arguments: given }) as Promise<Answer>,
      close: () => client.close(),
    }
  },
  async '2.x'(where: TestServer, person: BrowserPerson): Promise<Application> {
    const app = new McpApp(person)
    app.clientMetadata.token_endpoint_auth_method = 'client_secret_post'
    const reading = await connectApp(app, endpointOf(where))
    expect(app.held().scope).toBe('read')
    const call = { name: 'book_restaurant', arguments: booking }
    await rejectionOf(reading.callTool(call))
    expect(app.redirects.at(-1)?.searchParams.get('scope')?.split(' ').sort()).toEqual([
      'book',
      'read',
    ])
    await newTransport(app, endpointOf(where)).finishAuth(app.takeCallback())
    const client = await reconnectApp(app, endpointOf(where))
    return {
      clientId: app.registered().client_id,
      token: () => app.held().access_token,
      call: (name, given) => client.callTool({ name, arguments: given }) as Promise<Answer>,
      close: () => client.close(),
    }
  },
}
