/**
 * The journey that every way of running the server must serve: an MCP client discovers, registers,
 * is let in by a person, works, refreshes and leaves, and an administrator reads what happened.
 *
 *   const journey = await begin(server)    // all that a restart must not lose
 *   await end(journey)
 */
import type { Client } from '@modelcontextprotocol/client'
import { DemoPerson } from '../../src/cli/demo-person.ts'
import { booking, connectApp, defaultTools, endpointOf, McpApp } from '../support/mcp-app.ts'
import { isLive, post } from '../support/oauth-client.ts'
import { expect } from '../support/test.ts'

export const admin = { email: 'ada@example.com', password: 'correct horse battery staple' }

/** What makes the administrator of a server that is a process of its own. */
export const adminEnv = {
  GRANTLOG_ADMIN_EMAIL: admin.email,
  GRANTLOG_ADMIN_PASSWORD: admin.password,
}

export interface Site {
  readonly url: string
}

export interface Journey {
  readonly site: Site
  readonly person: DemoPerson
  readonly app: McpApp
  readonly client: Client
  readonly jobId: string
}

export interface AuditedEvent {
  readonly event_id: string
  readonly type: string
  readonly stream_id: string
  readonly actor: string
}

export async function wholeFlow(site: Site): Promise<void> {
  await end(await begin(site))
}

/** To where the client works with tokens that it has refreshed once. */
export async function begin(site: Site): Promise<Journey> {
  await expectHealthy(site)
  const person = new DemoPerson(site.url, admin)
  const app = new McpApp(person)
  const client = await connectApp(app, endpointOf(site))
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(defaultTools)
  const booked = await client.callTool({ name: 'book_restaurant', arguments: booking })
  const { jobId } = booked.structuredContent as { jobId: string }
  const journey = { site, person, app, client, jobId }
  await expectJobAudited(journey)
  await expectRefresh(journey)
  return journey
}

/** The client revokes its tokens, and is refused from then on. */
export async function end({ site, app, client, person }: Journey): Promise<void> {
  const { access_token, refresh_token = '' } = app.held()
  expect(await isLive(site, access_token)).toBe(true)
  const form = { token: refresh_token, client_id: app.registered().client_id }
  expect((await post(site, '/oauth/revoke', { form })).status).toBe(200)
  expect(await isLive(site, access_token)).toBe(false)
  await client.close()
  const types = (await auditedEvents(site, person)).map(({ type }) => type)
  expect(types.filter((type) => type === 'RefreshTokenRotated')).toHaveLength(1)
  expect(types.filter((type) => type.startsWith('Grant')).at(-1)).toBe('GrantEnded')
}

async function expectHealthy({ url }: Site): Promise<void> {
  for (const path of ['/healthz', '/readyz']) expect((await fetch(url + path)).status).toBe(200)
  const metadata = await fetch(`${url}/.well-known/oauth-authorization-server`)
  expect(await metadata.json()).toMatchObject({ issuer: url })
}

/** The client sees its job by the tool, and the administrator by the audit: the same events. */
async function expectJobAudited({ client, person, jobId }: Journey): Promise<void> {
  const told = await client.callTool({ name: 'get_job_audit', arguments: { jobId } })
  const job = told.structuredContent as { status: string; events: { eventId: string }[] }
  expect(job.status).toBe('queued')
  const audited = await (await person.open(`/audit/jobs/${jobId}`)).json()
  const ids = (audited as { events: AuditedEvent[] }).events.map(({ event_id }) => event_id)
  expect(ids).toEqual(job.events.map(({ eventId }) => eventId))
  expect(ids).toHaveLength(1)
}

/** An access token that is good no more sends the SDK to the token endpoint, and nobody else. */
async function expectRefresh({ app, client }: Journey): Promise<void> {
  const before = app.held()
  app.loseAccessToken()
  expect((await client.listTools()).tools).toHaveLength(defaultTools.length)
  expect(app.held().access_token).not.toBe(before.access_token)
  expect(app.held().refresh_token).not.toBe(before.refresh_token)
  expect(app.redirects).toHaveLength(1)
}

/** Everything in the log, oldest first, as the signed-in administrator reads it. */
export async function auditedEvents(site: Site, person: DemoPerson): Promise<AuditedEvent[]> {
  const answer = await person.open(`${site.url}/audit/events?order=oldest&limit=500`)
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { events: AuditedEvent[] }).events
}
