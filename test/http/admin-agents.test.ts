/** Administrators see agents and end them, with a reason; nobody else does. */
import { setAgentPermissions } from '../../src/agents/operator-agents.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { act, signedIn } from '../support/admin-browser.ts'
import { connectAgent } from '../support/agent-browser.ts'
import { registerAgent, send } from '../support/agents.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer({ agents: { enabled: true, unconfirmed: 'identity' } })
  await registerAgent(server, { model_name: '<b>model</b>' })
})
afterEach(() => server.stop())

describe('an administrator', () => {
  test('finds an agent that has signed in, and ends it with a reason', async () => {
    const { tokens } = await connectAgent(server)
    const admin = await signedIn(server)
    const html = await (await admin.open('/admin/agents?q=navig')).text()
    expect(html).toContain('navigator')
    expect(html).not.toContain('<b>model</b>')
    expect(await (await admin.open('/admin/agents?q=nobody')).text()).not.toContain('navigator')
    const grants = await (await admin.open('/admin/grants')).text()
    const [, grant = ''] = /"(\/admin\/grant\?id=[^"]+)"/.exec(grants) ?? []
    expect(await (await admin.open(grant)).text()).toContain('"/admin/agents?q=agt_')
    const [, id = ''] = /revoke-agent\?id=([^"]+)"/.exec(html) ?? []
    expect((await act(admin, 'revoke-agent', { id, reason: '' })).status).toBe(400)
    expect((await act(admin, 'revoke-agent', { id, reason: 'spam' })).status).toBe(303)
    const told = await send(server, '/oauth/userinfo', {
      method: 'GET',
      token: tokens.access_token,
    })
    expect(told.status).toBe(401)
    const ended = (await eventsOf(server)).slice(-2)
    expect(ended.map(({ type }) => type)).toEqual(['AgentRevoked', 'ReasonGiven'])
    expect(ended[0]?.payload).toMatchObject({ reason: 'revoked_by_admin' })
  })
})

describe('an operator', () => {
  test('sets what is told of an agent’s permissions', async () => {
    const { tokens } = await connectAgent(server, { scope: 'openid permissions' })
    const cause = { actor: 'cli', correlationId: 'cor_test' }
    const set = (handle: string, permissions: string[]) =>
      setAgentPermissions(server.services, handle, { permissions, cause })
    expect(await set('Navigator', ['sail', 'steer', 'sail'])).toBeUndefined()
    const told = await send(server, '/oauth/userinfo', {
      method: 'GET',
      token: tokens.access_token,
    })
    expect(await told.json()).toMatchObject({ permissions: ['sail', 'steer'] })
    expect(await set('nobody', [])).toBe('agent_unknown')
    expect(await set('navigator', ['a b'])).toBe('permission_malformed')
  })
})

describe('somebody else', () => {
  test('neither sees nor ends one', async () => {
    await connectAgent(server)
    const bob = { email: 'bob@example.com', password: 'another long enough password' }
    await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
    const person = await signedIn(server, bob)
    expect((await person.open('/admin/agents')).status).toBeGreaterThanOrEqual(403)
    await person.submit('/admin/do/revoke-agent', { id: 'agt_1', reason: 'spam' })
    expect((await eventsOf(server)).some(({ type }) => type === 'AgentRevoked')).toBe(false)
  })
})
