/** An agent answers for the browser that shows its request; and what others try in between. */
import { decodeJwt } from 'jose'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import {
  answerAs,
  connectAgent,
  goOn,
  openForAgent,
  redeemAs,
  statusIn,
} from '../support/agent-browser.ts'
import { navigator, registerAgent, send } from '../support/agents.ts'
import { eventsOf, refresh } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

let now = Date.now()
let server: TestServer
const agents = { enabled: true, unconfirmed: 'identity' } as const
beforeEach(async () => {
  server = await startTestServer({ agents }, { clock: () => now })
  await registerAgent(server)
})
afterEach(() => server.stop())

const userinfo = async (token: string): Promise<Record<string, unknown>> => {
  const answer = await send(server, '/oauth/userinfo', { method: 'GET', token })
  return { status: answer.status, ...((await answer.json()) as object) }
}

describe('an agent that answers', () => {
  test('signs in as itself, when the browser goes on', async () => {
    const waiting = await openForAgent(server, { scope: 'openid profile email permissions' })
    expect(await statusIn(server, waiting, waiting.browser)).toMatchObject({ status: 'pending' })
    const answered = await answerAs(server, waiting)
    expect(await answered.json()).toMatchObject({
      status: 'authenticated',
      client_id: waiting.client.client_id,
      client_name: 'Test client',
      scope: 'openid profile email permissions',
    })
    expect(await statusIn(server, waiting, waiting.browser)).toMatchObject({
      status: 'authenticated',
      agent_id: 'navigator',
    })
    const back = await goOn(waiting)
    expect(back?.searchParams.get('state')).toBe('a state')
    expect(back?.searchParams.get('iss')).toBe(server.url)
    expect(await statusIn(server, waiting, waiting.browser)).toMatchObject({ status: 'completed' })
    const { body: tokens } = await redeemAs(server, waiting, { back })
    const told = await userinfo(tokens.access_token)
    expect(told).toMatchObject({
      name: 'Grace Hopper',
      agent_id: 'navigator',
      model_name: 'a model',
      email: 'grace@example.com',
      email_verified: false,
      permissions: [],
    })
    expect(told.sub).toMatch(/^agt_/)
    const claims = decodeJwt(tokens.id_token ?? '')
    expect(claims).toMatchObject({ sub: told.sub, amr: ['pwd'], agent_id: 'navigator' })
    const next = await refresh(server, {
      client: waiting.client,
      refreshToken: tokens.refresh_token,
    })
    expect((await userinfo(next.body.access_token)).sub).toBe(told.sub)
  })

  test('enters the log with the grant, once, and the log names agent and client', async () => {
    const { client } = await connectAgent(server)
    await connectAgent(server)
    const events = await eventsOf(server)
    const entered = events.filter(({ type }) => type === 'AgentRegistered')
    expect(entered.length).toBe(1)
    const [approved] = events.filter(({ type }) => type === 'GrantApproved')
    const { userId, clientId, ownerId } = (approved?.payload ?? {}) as Record<string, string>
    expect(entered[0]?.payload).toMatchObject({ agentId: userId, handle: 'navigator' })
    expect({ clientId, ownerId, actor: approved?.actor }).toEqual({
      clientId: client.client_id,
      ownerId: undefined,
      actor: `agent:${userId}`,
    })
    const log = JSON.stringify(events)
    expect(log).not.toContain(navigator.agent_secret)
    // The name is now taken for good.
    now += 30 * 24 * 3600_000
    expect((await registerAgent(server)).status).toBe(409)
  })

  test('keeps its secret and its tokens when it has entered the log', async () => {
    const { tokens } = await connectAgent(server)
    const { agent_id } = navigator
    const replace = { ...navigator, new_agent_secret: 'the stars by which to steer' }
    expect(
      (await send(server, '/api/agents/secret', { method: 'PUT', body: replace })).status,
    ).toBe(200)
    expect((await answerAs(server, await openForAgent(server))).status).toBe(401)
    const renewed = { agent_id, agent_secret: replace.new_agent_secret }
    expect((await answerAs(server, await openForAgent(server), renewed)).status).toBe(200)
    expect((await userinfo(tokens.access_token)).status).toBe(200)
  })

  test('ends all that it gave when it ends itself, at the very next call', async () => {
    const { tokens, client } = await connectAgent(server)
    const body = { agent_id: navigator.agent_id, agent_secret: navigator.agent_secret }
    const auth = await (await send(server, '/api/agent-auth', { body })).json()
    const { access_token: token } = auth as { access_token: string }
    await send(server, '/api/agents/profile', { method: 'DELETE', token })
    expect((await userinfo(tokens.access_token)).status).toBe(401)
    const refused = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(refused.status).toBe(400)
    expect((await eventsOf(server)).at(-1)).toMatchObject({
      type: 'GrantUseRefused',
      payload: { reason: 'user_not_active' },
    })
  })

  test('gives nothing of a resource while nobody has confirmed it', async () => {
    const waiting = await openForAgent(server, { scope: 'openid read' })
    const refused = await answerAs(server, waiting)
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ error: 'access_denied' })
    expect(await statusIn(server, waiting, waiting.browser)).toMatchObject({ status: 'pending' })
  })

  test('gives nothing at all where the operator wants confirmed agents only', async () => {
    const { tokens, client } = await connectAgent(server)
    Object.assign(server.services.settings.agents, { unconfirmed: 'nothing' })
    expect((await answerAs(server, await openForAgent(server))).status).toBe(403)
    expect((await userinfo(tokens.access_token)).status).toBe(401)
    const refused = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(refused.status).toBe(400)
  })

  test('opens nothing that is for people or administrators', async () => {
    const { tokens } = await connectAgent(server, { scope: 'openid profile' })
    const token = tokens.access_token
    for (const path of ['/audit/events', '/api/tokens', '/api/connected-apps']) {
      expect((await send(server, path, { method: 'GET', token })).status).toBeGreaterThan(400)
    }
    const profile = (method: string, body?: unknown) =>
      send(server, '/api/agents/profile', { method, token, body })
    expect(await (await profile('GET')).json()).toMatchObject({ agent_id: 'navigator' })
    expect((await profile('PUT', { model_name: 'x' })).status).toBe(401)
    expect((await profile('DELETE')).status).toBe(401)
  })

  test('signs in so often a day, as long as nobody has confirmed it', async () => {
    Object.assign(server.services.settings.agents, { unconfirmedGrantsPerDay: 2 })
    await connectAgent(server)
    await connectAgent(server)
    expect((await answerAs(server, await openForAgent(server))).status).toBe(429)
  })
})

describe('a request', () => {
  test('is answered once, by whoever was first', async () => {
    await registerAgent(server, { agent_id: 'stowaway', agent_secret: 'below the decks at night' })
    const stowaway = { agent_id: 'stowaway', agent_secret: 'below the decks at night' }
    const waiting = await openForAgent(server)
    const answers = await Promise.all([
      answerAs(server, waiting),
      answerAs(server, waiting, stowaway),
      answerAs(server, waiting),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
    await goOn(waiting)
    expect((await answerAs(server, waiting, stowaway)).status).toBe(400)
  })

  test('gives one code, however often the button is pressed', async () => {
    const waiting = await openForAgent(server)
    await answerAs(server, waiting)
    const html = await (await waiting.browser.open(waiting.page)).text()
    const fields = { ...hiddenFields(html), decision: 'continue' }
    const press = () => waiting.browser.submit('/sign-in/agent', fields)
    const answers = await Promise.all([press(), press(), press()])
    const codes = answers.filter(({ headers }) => headers.get('location')?.includes('code='))
    expect(codes.length).toBe(1)
  })

  test('ends by time, and its page and status say so', async () => {
    const waiting = await openForAgent(server)
    now += 11 * 60_000
    expect(await statusIn(server, waiting, waiting.browser)).toMatchObject({ status: 'expired' })
    expect((await answerAs(server, waiting)).status).toBe(400)
    const page = await (await waiting.browser.open(waiting.page)).text()
    expect(page).not.toContain('data-agent-request')
    now += 60 * 60_000
    expect((await statusIn(server, waiting, waiting.browser)).code).toBe(404)
  })

  test('is refused at the browser, and the client learns it', async () => {
    const waiting = await openForAgent(server)
    await answerAs(server, waiting)
    const back = await goOn(waiting, 'deny')
    expect(back?.searchParams.get('error')).toBe('access_denied')
    expect(await statusIn(server, waiting, waiting.browser)).toMatchObject({ status: 'error' })
    expect((await eventsOf(server)).some(({ type }) => type === 'AgentRegistered')).toBe(false)
  })

  test('that a person answers meanwhile is over for the agent', async () => {
    const waiting = await openForAgent(server)
    const url = `${server.url}/sign-in?request=${waiting.requestId}`
    await waiting.browser.answer(url)
    expect(await statusIn(server, waiting, waiting.browser)).toMatchObject({ status: 'error' })
    expect((await answerAs(server, waiting)).status).toBe(400)
  })

  test('without agents offers none, and has no such page', async () => {
    const other = await startTestServer()
    try {
      const waiting = await openForAgent(other)
      expect(waiting.page).toBe('')
      expect((await waiting.browser.open(`${other.url}/sign-in/agent?request=x`)).status).toBe(404)
      expect((await answerAs(other, waiting)).status).toBe(404)
    } finally {
      await other.stop()
    }
  })
})

describe('SECURITY 41: somebody else', () => {
  test('in another browser learns nothing, and goes on with nothing', async () => {
    const waiting = await openForAgent(server)
    await answerAs(server, waiting)
    const stranger = server.person()
    await stranger.open(`${server.url}/sign-in`)
    expect((await statusIn(server, waiting, stranger)).code).toBe(404)
    expect((await stranger.open(waiting.page)).status).toBe(400)
    const html = await (await waiting.browser.open(waiting.page)).text()
    const stolen = await stranger.submit('/sign-in/agent', {
      ...hiddenFields(html),
      decision: 'continue',
    })
    expect(stolen.status).toBe(400)
    const bare = await fetch(`${server.url}/api/check-status?request_id=${waiting.token}`)
    expect(bare.status).toBe(404)
  })

  test('who answers with an agent of theirs is shown before anything is given', async () => {
    const hostile = '<script>alert(1)</script>'
    const mallory = { agent_id: 'mallory', agent_secret: 'whatever is at hand today' }
    await registerAgent(server, { ...mallory, owner_name: hostile, model_name: `${hostile} GPT` })
    const waiting = await openForAgent(server)
    await answerAs(server, waiting, mallory)
    const page = await (await waiting.browser.open(waiting.page)).text()
    expect(page).toContain('mallory')
    expect(page).toContain('Nobody has confirmed')
    expect(page).not.toContain(hostile)
  })

  test('who lures an agent with a request of their own is refused where it says what it expects', async () => {
    const lure = await openForAgent(server)
    const { client } = await openForAgent(server)
    const careful = { ...navigator, client_id: client.client_id }
    expect((await answerAs(server, lure, careful)).status).toBe(403)
    expect(await statusIn(server, lure, lure.browser)).toMatchObject({ status: 'pending' })
    const own = { ...navigator, client_id: lure.client.client_id }
    expect((await answerAs(server, lure, own)).status).toBe(200)
  })

  test('who guesses ids needs an agent, and finds none', async () => {
    const waiting = await openForAgent(server)
    const guesses = ['', 'x', waiting.requestId, `${waiting.token}x`, waiting.token.slice(0, -1)]
    for (const token of guesses) {
      expect((await answerAs(server, { token })).status).toBe(400)
      expect((await statusIn(server, { token }, waiting.browser)).code).toBe(404)
    }
    const wrong = { agent_id: 'navigator', agent_secret: 'a wrong secret' }
    expect((await answerAs(server, waiting, wrong)).status).toBe(401)
  })

  test('who takes the name after it was free is not the agent that answered', async () => {
    const waiting = await openForAgent(server)
    await answerAs(server, waiting)
    await server.services.expiring.remove('waiting-agent', 'navigator')
    await server.services.expiring.remove('agent-name', 'navigator')
    const other = { agent_id: 'navigator', agent_secret: 'a pirate in her uniform' }
    expect((await registerAgent(server, other)).status).toBe(201)
    expect(await goOn(waiting)).toBeUndefined()
  })

  test('who changes the agent’s secret between answer and button gets nothing by the old one', async () => {
    const waiting = await openForAgent(server)
    await answerAs(server, waiting)
    const replace = { ...navigator, new_agent_secret: 'the stars by which to steer' }
    await send(server, '/api/agents/secret', { method: 'PUT', body: replace })
    expect(await goOn(waiting)).toBeUndefined()
  })

  test('who forges the form is refused', async () => {
    const waiting = await openForAgent(server)
    await answerAs(server, waiting)
    const forged = await waiting.browser.submit('/sign-in/agent', {
      request_id: waiting.requestId,
      csrf: 'x',
      decision: 'continue',
    })
    expect(forged.status).toBe(403)
  })
})

describe('a client', () => {
  test('that expects somebody else, or a better proof, is not given the agent', async () => {
    const essential = { id_token: { acr: { essential: true, values: ['phr'] } } }
    for (const claims of [{ id_token: { sub: { value: 'usr_1' } } }, essential]) {
      const waiting = await openForAgent(server, { claims: JSON.stringify(claims) })
      const refused = await answerAs(server, waiting)
      expect({ status: refused.status, body: await refused.json() }).toMatchObject({
        status: 403,
        body: { error: 'access_denied' },
      })
    }
  })
})
