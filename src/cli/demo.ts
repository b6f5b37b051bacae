/**
 * `grantlog demo`: starts a server on a fresh database, takes the official MCP client through a
 * whole life with it, and prints what each step left in the log. Everything is real: the client
 * is the SDK that applications use, and it talks to the server over HTTP.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Client,
  refreshAuthorization,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { completeSettings } from '../config/settings.ts'
import { Keyring } from '../domain/keyring.ts'
import { createLogger } from '../runtimes/logger.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import { type RunningServer, startServer } from '../server.ts'
import { DemoClient } from './demo-client.ts'
import { DemoPerson } from './demo-person.ts'
import { freePort } from './free-port.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'
import { Timeline } from './timeline.ts'

const person = { email: 'ada@example.com', password: randomBytes(12).toString('base64url') }

export async function demo({ runtime, terminal }: CommandContext): Promise<ExitCode> {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantlog-demo-'))
  const server = await startDemoServer(runtime, dataDir)
  try {
    terminal.print('')
    terminal.print(`  ${terminal.bold('A real MCP client meets a fresh Grantlog')}  ${server.url}`)
    const timeline = new Timeline(server.services.log, terminal)
    await timeline.step('The server starts: an admin, keys to sign with', () =>
      server.services.signer.ensure('RS256'),
    )
    await liveThrough(server, timeline)
    const events = await timeline.finish()
    terminal.print(`  ${events} events, and that is all the state there is.`)
    terminal.print(
      `  Your own server: ${terminal.bold('npm start')}; its admins read /audit/events`,
    )
    terminal.print('')
    return exitCodes.done
  } finally {
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function startDemoServer(runtime: Runtime, dataDir: string): Promise<RunningServer> {
  return startServer({
    settings: completeSettings({
      port: await freePort(),
      dataDir,
      adminEmail: person.email,
      adminPassword: person.password,
    }),
    keyring: Keyring.parse(randomBytes(32).toString('base64url')),
    runtime,
    logger: createLogger({ level: 'silent', pretty: false, write: () => undefined }),
  })
}

async function liveThrough(server: RunningServer, timeline: Timeline): Promise<void> {
  const endpoint = new URL(`${server.url}/api/mcp`)
  const provider = new DemoClient()
  const first = new StreamableHTTPClientTransport(endpoint, { authProvider: provider })

  await timeline.step('The client calls, is told 401, discovers and registers', () =>
    expectUnauthorized(newClient().connect(first)),
  )
  const browser = new DemoPerson(server.url, person)
  let back = new URLSearchParams()
  await timeline.step('The person signs in and approves', async () => {
    back = (await browser.answer(String(provider.authorizationUrl))).searchParams
  })
  await timeline.step('The client redeems the code', () => first.finishAuth(back))
  const client = newClient()
  await client.connect(new StreamableHTTPClientTransport(endpoint, { authProvider: provider }))
  let jobId = ''
  await timeline.step('It books a table, which starts a job', async () => {
    const booked = await client.callTool({ name: 'book_restaurant', arguments: booking })
    jobId = (booked.structuredContent as { jobId: string }).jobId
  })
  await timeline.step('It asks what became of the job', () =>
    client.callTool({ name: 'get_job_audit', arguments: { jobId } }),
  )
  await timeline.step('It refreshes: one rotation, one successor', () => refresh(server, provider))
  await timeline.step('It revokes its tokens; the grant ends', () => revoke(server, provider))
  await timeline.step('The access token that it still holds is refused', () =>
    expectRefusal(endpoint, provider),
  )
}

const booking = { restaurant: 'Chez Panisse', date: '2027-01-15', time: '19:30', party_size: 2 }

function newClient(): Client {
  return new Client({ name: 'grantlog-demo', version: '1.0.0' })
}

async function expectUnauthorized(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (error instanceof UnauthorizedError) return
    throw error
  }
  throw new Error('Cannot go on with the demo: the server let a stranger in')
}

async function expectRefusal(endpoint: URL, provider: DemoClient): Promise<void> {
  const headers = { authorization: `Bearer ${provider.tokens()?.access_token}` }
  const { status } = await fetch(endpoint, { method: 'POST', headers })
  if (status !== 401) throw new Error(`Cannot end the demo: a dead token was answered ${status}`)
}

async function refresh({ url }: RunningServer, provider: DemoClient): Promise<void> {
  const clientInformation = provider.clientInformation()
  const refreshToken = provider.tokens()?.refresh_token
  if (!clientInformation || !refreshToken)
    throw new Error('Cannot refresh: nothing to refresh with')
  const metadata = await (await fetch(`${url}/.well-known/oauth-authorization-server`)).json()
  const tokens = await refreshAuthorization(url, { metadata, clientInformation, refreshToken })
  provider.saveTokens({ ...tokens, issuer: metadata.issuer })
}

async function revoke({ url }: RunningServer, provider: DemoClient): Promise<void> {
  const form = new URLSearchParams({
    token: provider.tokens()?.refresh_token ?? '',
    client_id: provider.clientInformation()?.client_id ?? '',
  })
  await fetch(`${url}/oauth/revoke`, { method: 'POST', body: form })
}
