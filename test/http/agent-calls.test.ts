/** What an agent calls elsewhere for its owner: both are named, to whoever is called and in the log. */
import { withdrawConsent } from '../../src/agents/own-agents.ts'
import { callHistory } from '../../src/audit/tool-calls.ts'
import { send2025, toolCall } from '../mcp/mcp-client.ts'
import { type Endpoint, startEndpoint } from '../mcp/tool-endpoint.ts'
import { type ActingAgent, actingAgent } from '../support/acting-agent.ts'
import { decide, openApprovals } from '../support/approvals.ts'
import {
  callOf,
  type NotesGateway,
  notesScopes,
  sendTo,
  startNotesGateway,
} from '../support/notes-gateway.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { startTestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let notes: NotesGateway
let endpoint: Endpoint
let agent: ActingAgent
let resource: string

const agents = { enabled: true, unconfirmed: 'identity' } as const
const lamp = {
  ...{ name: 'switch_lamp', title: 'T', description: 'D', inputSchema: { type: 'object' } },
  scope: 'book',
}

beforeAll(async () => {
  endpoint = await startEndpoint()
  notes = await startNotesGateway({ approval: ['delete_*'] }, { settings: { agents } })
  resource = notes.endpoint
  agent = await actingAgent(notes.server, { scope: Object.keys(notesScopes).join(' '), resource })
})

afterAll(async () => {
  await notes.stop()
  await endpoint.stop()
})

const call = (name: string) =>
  sendTo(notes.endpoint, { token: agent.accessToken, body: callOf(name, { text: 'hello' }) })

describe('a call by way of the gateway', () => {
  test('names the agent as the subject, and its owner in the signed identity and in the log', async () => {
    expect((await call('read_note')).status).toBe(200)
    const { headers = [] } = notes.upstream.asked('tools/call').at(-1) ?? {}
    const [, claims = ''] = String(new Map(headers).get('x-grantlog-identity')).split('.')
    const { agentId, ownerId } = agent
    const told = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(told).toMatchObject({ sub: agentId, owner: ownerId, client_id: agent.client.client_id })
    const [made] = await eventsOf(notes.server, 'ToolCallMade')
    expect(made?.payload).toMatchObject({ sub: agentId, ownerId, clientId: agent.client.client_id })
    expect(made?.payload.userId).toBe(undefined)
    const history = await callHistory(notes.server.services, String(made?.payload.callId))
    expect(history).toMatchObject({ owner_id: ownerId, user_id: null })
    expect(history?.said).toContain(`for ${agentId}, an agent of ${ownerId}`)
  })

  test('that needs approval waits for the owner, and goes through once', async () => {
    const { server } = notes
    expect((await call('delete_note')).body.result?.isError).toBe(true)
    const { agentId, ownerId: userId } = agent
    const [approvalId = ''] = await openApprovals(server, userId)
    const [asked] = await eventsOf(server, 'ApprovalAsked')
    expect(asked?.payload).toMatchObject({ agentId, userId })
    expect(await decide(server, { approvalId, userId })).toEqual({ outcome: 'recorded' })
    expect((await call('delete_note')).body.result?.isError).not.toBe(true)
    expect((await call('delete_note')).body.result?.isError).toBe(true)
  })

  test('is none any more once the owner has taken the consent back', async () => {
    const { agentId, ownerId, client } = agent
    const cause = { actor: `user:${ownerId}`, correlationId: 'test' }
    const given = { agentId, clientId: client.client_id, resource, cause }
    await withdrawConsent(notes.server.services, ownerId, given)
    const before = notes.upstream.recorded.length
    expect((await call('read_note')).status).toBe(401)
    expect(notes.upstream.recorded.length).toBe(before)
  })
})

test('an endpoint of the operator’s is told both', async () => {
  const outbound = { allowedHosts: [new URL(endpoint.url).host] }
  const tools = [{ ...lamp, http: { url: `${endpoint.url}/switch` } }]
  const server = await startTestServer({ agents, outbound, tools })
  try {
    const acting = await actingAgent(server, { scope: 'book' })
    const message = toolCall('switch_lamp', {})
    const { body } = await send2025(server, { token: acting.accessToken, message })
    expect(body.result?.structuredContent).toEqual({ lit: true })
    const headers = endpoint.asked.at(-1)?.headers
    expect(headers?.['x-auth-subject']).toBe(acting.agentId)
    expect(headers?.['x-auth-owner']).toBe(acting.ownerId)
  } finally {
    await server.stop()
  }
})
