/** Whose an agent is, what its owner lets it give, and how that ends; and who else tries to. */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { disableUser, enableUser } from '../../src/identity/administer-user.ts'
import { deleteAccount } from '../../src/identity/delete-account.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findAgentsOf } from '../../src/projections/agents.ts'
import {
  answerAs,
  type Browser,
  connectAgent,
  goOn,
  openForAgent,
  redeemAs,
} from '../support/agent-browser.ts'
import { authenticate, navigator, registerAgent, send } from '../support/agents.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { eventsOf, refresh } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

const grace = { email: 'grace@example.com', password: 'a long way to COBOL' }
const page = '/account/agents'
let now = Date.now()
let mail: MailServer
let server: TestServer
let graceId: string
let owner: Browser
beforeEach(async () => {
  mail = await startMailServer()
  const agents = { enabled: true, unconfirmed: 'identity' } as const
  server = await startTestServer({ agents, mail: { url: mail.url } }, { clock: () => now })
  graceId = await newPerson(grace)
  owner = await signedIn(grace)
  await registerAgent(server)
})
afterEach(async () => {
  await server.stop()
  await mail.stop()
})

type Credentials = typeof grace

async function newPerson(credentials: Credentials, more: { emailUnproved?: true } = {}) {
  const user = { ...credentials, name: 'Grace', admin: false, actor: 'cli', ...more }
  const made = await registerUser(server.services, user)
  return made.outcome === 'accepted' ? made.userId : ''
}

async function signedIn(credentials: Credentials): Promise<Browser> {
  const person = server.person(credentials)
  const html = await (await person.open('/sign-in')).text()
  await person.submit('/sign-in', { ...hiddenFields(html), ...credentials })
  return person
}

/** Presses a button of the page; the fields of its form are looked for by what they hold. */
async function press(person: Browser, does: string, fields: Record<string, string> = {}) {
  const html = await (await person.open(page)).text()
  const form = html.split('<form').find((part) => part.includes(`action="${page}/${does}"`))
  const { csrf = '' } = hiddenFields(html)
  return person.submit(`${page}/${does}`, { csrf, ...hiddenFields(form ?? ''), ...fields })
}

const shown = async (person: Browser = owner) => (await person.open(page)).text()
const confirm = () => press(owner, 'confirm')
const answer = (decision: string) => press(owner, 'answer', { decision })
const statusOf = async (token: string) =>
  (await send(server, '/api/whoami', { method: 'GET', token })).status
const cause = { actor: 'cli', correlationId: 'cor_test' }
const typesOf = async () => (await eventsOf(server)).map(({ type }) => type)

/** The agent gives a client `read`, with its owner’s leave. */
async function connectForReading() {
  const waiting = await openForAgent(server, { scope: 'openid read' })
  expect((await answerAs(server, waiting)).status).toBe(403)
  await answer('allow')
  expect((await answerAs(server, waiting)).status).toBe(200)
  const { body: tokens } = await redeemAs(server, waiting, { back: await goOn(waiting) })
  return { ...waiting, tokens }
}

describe('SECURITY 41: the person whom an agent names', () => {
  test('is told by a letter in our words alone, and not often', async () => {
    const letter = await mail.next({ to: grace.email })
    expect(letter.content).toContain(`${server.url}${page}`)
    expect(letter.content).not.toContain('navigator')
    expect(letter.content).not.toContain('token=')
    for (const agent_id of ['second', 'third', 'fourth', 'fifth']) {
      await registerAgent(server, { agent_id })
    }
    await registerAgent(server, { agent_id: 'other', owner_email: 'ada@example.com' })
    await server.services.mail.idle()
    expect(mail.received.filter(({ to }) => to.includes(grace.email)).length).toBe(3)
  })

  test('sees it, whatever it calls itself, and confirms it', async () => {
    const hostile = '<img src=x onerror=alert(1)>'
    await registerAgent(server, { agent_id: 'hostile', owner_name: hostile, model_name: hostile })
    const html = await shown()
    expect(html).toContain('navigator')
    expect(html).not.toContain(hostile)
    expect((await confirm()).headers.get('location')).toBe(page)
    expect(await typesOf()).toContain('AgentConfirmed')
    const { tokens } = await connectAgent(server, { scope: 'openid email' })
    const told = await send(server, '/oauth/userinfo', {
      method: 'GET',
      token: tokens.access_token,
    })
    expect(await told.json()).toMatchObject({ email: grace.email, email_verified: true })
    const approved = (await eventsOf(server)).findLast(({ type }) => type === 'GrantApproved')
    expect(approved?.payload).toMatchObject({ ownerId: graceId })
    expect(await shown()).toContain('Test client')
  })

  test('declines it: the agent ends, and its name is free where nothing had used it', async () => {
    await press(owner, 'decline')
    expect((await authenticate(server)).status).toBe(401)
    expect(await typesOf()).not.toContain('AgentRegistered')
    expect((await registerAgent(server)).status).toBe(201)
  })

  test('declines one that was used, and all that it gave ends', async () => {
    const { tokens } = await connectAgent(server)
    await press(owner, 'decline')
    expect(await statusOf(tokens.access_token)).toBe(401)
    expect((await registerAgent(server)).status).toBe(409)
  })

  test('is the one with a proved address, and nobody else', async () => {
    const html = await shown()
    const [, agent = ''] = /name="agent" value="([^"]+)"/.exec(html) ?? []
    await newPerson({ email: 'mallory@example.com', password: 'a very long passphrase' })
    const mallory = await signedIn({
      email: 'mallory@example.com',
      password: 'a very long passphrase',
    })
    expect(await shown(mallory)).not.toContain('navigator')
    expect((await press(mallory, 'confirm', { agent })).status).toBe(400)
    expect((await press(mallory, 'decline', { agent })).status).toBe(400)
    const unproved = { email: 'eve@example.com', password: 'a very long passphrase' }
    await newPerson(unproved, { emailUnproved: true })
    await registerAgent(server, { agent_id: 'of-eve', owner_email: unproved.email })
    const eve = await signedIn(unproved)
    expect(await shown(eve)).not.toContain('of-eve')
    expect((await authenticate(server)).status).toBe(200)
    expect(await typesOf()).not.toContain('AgentConfirmed')
  })
})

describe('an owner’s leave', () => {
  test('is asked for by the answer of the agent, and lets it answer from then on', async () => {
    await confirm()
    const waiting = await openForAgent(server, { scope: 'openid read' })
    const refused = await answerAs(server, waiting)
    expect(await refused.json()).toMatchObject({ error: 'consent_required' })
    const html = await shown()
    expect(html).toContain('Test client')
    expect(html).toContain('See the jobs that were started for you')
    await answer('allow')
    expect((await answerAs(server, waiting)).status).toBe(200)
    const { body } = await redeemAs(server, waiting, { back: await goOn(waiting) })
    expect(body.scope).toBe('openid read')
    const told = await send(server, '/api/whoami', { method: 'GET', token: body.access_token })
    expect(await told.json()).toMatchObject({ scopes: ['openid', 'read'] })
    const again = await openForAgent(server, { scope: 'read' }, { client: waiting.client })
    expect((await answerAs(server, again)).status).toBe(200)
  })

  test('that is denied gives nothing', async () => {
    await confirm()
    const waiting = await openForAgent(server, { scope: 'read' })
    await answerAs(server, waiting)
    await answer('deny')
    expect(await shown()).not.toContain('Allow')
    expect((await answerAs(server, waiting)).status).toBe(403)
    expect(await typesOf()).not.toContain('AgentConsented')
  })

  test('is for that client and those scopes', async () => {
    await confirm()
    const { client } = await connectForReading()
    const more = await openForAgent(server, { scope: 'read book' }, { client })
    expect((await answerAs(server, more)).status).toBe(403)
    const other = await openForAgent(server, { scope: 'read' })
    expect((await answerAs(server, other)).status).toBe(403)
  })

  test('ends tokens at the very next call when it is taken back, and they stay dead', async () => {
    await confirm()
    const { client, tokens } = await connectForReading()
    expect(await statusOf(tokens.access_token)).toBe(200)
    now += 1000
    expect((await press(owner, 'withdraw')).status).toBe(303)
    expect(await statusOf(tokens.access_token)).toBe(401)
    const refreshed = await refresh(server, { client, refreshToken: tokens.refresh_token })
    // Who it is it may still say.
    expect(refreshed.body.scope).toBe('openid')
    now += 1000
    const again = await openForAgent(server, { scope: 'openid read' }, { client })
    await answerAs(server, again)
    await answer('allow')
    expect(await statusOf(tokens.access_token)).toBe(401)
    expect((await answerAs(server, again)).status).toBe(200)
  })

  test('taken back between answer and button gives nothing', async () => {
    await confirm()
    const { client } = await connectForReading()
    const waiting = await openForAgent(server, { scope: 'read' }, { client })
    expect((await answerAs(server, waiting)).status).toBe(200)
    await press(owner, 'withdraw')
    expect((await goOn(waiting))?.searchParams.get('error')).toBe('access_denied')
  })

  test('cannot be given for what the owner may not use', async () => {
    const [resource] = server.services.settings.resources
    Object.assign(resource ?? {}, { whoMay: { read: ['friends'] } })
    await confirm()
    const waiting = await openForAgent(server, { scope: 'read' })
    await answerAs(server, waiting)
    expect((await answer('allow')).status).toBe(400)
    expect((await answerAs(server, waiting)).status).toBe(403)
    Object.assign(resource ?? {}, { whoMay: {} })
    await answer('allow')
    await answerAs(server, waiting)
    Object.assign(resource ?? {}, { whoMay: { read: ['friends'] } })
    expect((await goOn(waiting))?.searchParams.get('error')).toBe('access_denied')
  })
})

describe('SECURITY 41: an agent ends with', () => {
  test('its owner’s word', async () => {
    await confirm()
    const { tokens, client } = await connectAgent(server)
    await press(owner, 'revoke')
    expect(await statusOf(tokens.access_token)).toBe(401)
    expect((await authenticate(server)).status).toBe(401)
    const refused = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(refused.status).toBe(400)
    expect(await shown()).toContain('This agent has ended')
    expect((await press(owner, 'revoke', { agent: 'agt_1' })).status).toBe(400)
  })

  test('its owner, for as long as that one is disabled', async () => {
    await confirm()
    const { tokens, client } = await connectAgent(server)
    const whom = { userId: graceId }
    await disableUser(server.services, { ...whom, why: 'on leave' }, cause)
    expect(await statusOf(tokens.access_token)).toBe(401)
    expect((await authenticate(server)).status).toBe(401)
    expect((await answerAs(server, await openForAgent(server))).status).toBe(401)
    const refused = await refresh(server, { client, refreshToken: tokens.refresh_token })
    expect(refused.status).toBe(400)
    await enableUser(server.services, whom, cause)
    expect(await statusOf(tokens.access_token)).toBe(200)
  })

  test('its owner’s word, and goes with their account as much as one that had not ended', async () => {
    await confirm()
    await connectAgent(server)
    await press(owner, 'revoke')
    await deleteAccount(server.services, graceId, cause)
    const entered = (await eventsOf(server)).find(({ type }) => type === 'AgentRegistered')
    const nothing = { ownerName: null, ownerEmail: null }
    expect(entered?.payload).toMatchObject(nothing)
    expect(await findAgentsOf(server.services.reader, graceId)).toMatchObject([nothing])
  })

  test('its owner’s account, and nothing that it said of them can be read', async () => {
    await confirm()
    const { tokens } = await connectAgent(server)
    await deleteAccount(server.services, graceId, cause)
    expect(await statusOf(tokens.access_token)).toBe(401)
    const events = await eventsOf(server)
    const entered = events.find(({ type }) => type === 'AgentRegistered')
    const nothing = { ownerName: null, ownerEmail: null }
    expect(entered?.payload).toMatchObject(nothing)
    expect(await findAgentsOf(server.services.reader, graceId)).toMatchObject([nothing])
    expect(events.find(({ type }) => type === 'AgentRevoked')?.payload).toMatchObject({
      reason: 'account_deleted',
    })
  })
})

describe('a new secret', () => {
  test('is shown once, and the old one opens nothing', async () => {
    await confirm()
    await press(owner, 'secret')
    const [, agent_secret = ''] = /<code>([A-Za-z0-9_-]{43})<\/code>/.exec(await shown()) ?? []
    expect(await shown()).not.toContain(agent_secret)
    expect((await authenticate(server)).status).toBe(401)
    expect((await authenticate(server, { agent_id: 'navigator', agent_secret })).status).toBe(200)
    expect(JSON.stringify(await eventsOf(server))).not.toContain(agent_secret)
    expect(server.logged()).not.toContain(agent_secret)
  })
})

describe('the page', () => {
  test('wants a fresh sign-in, and forms of its own', async () => {
    const forged = await press(owner, 'confirm', { csrf: 'x' })
    expect(forged.status).toBe(400)
    expect(await typesOf()).not.toContain('AgentConfirmed')
    now += 3600_000
    const stale = await owner.open(page)
    expect(stale.headers.get('location')).toBe(`/sign-in?next=${page}`)
    const late = await owner.submit(`${page}/confirm`, { csrf: 'x' })
    expect(late.headers.get('location')).toBe(`/sign-in?next=${page}`)
  })

  test('shows many a page at a time', async () => {
    for (let count = 0; count < 7; count += 1) {
      await registerAgent(server, {
        agent_id: `agent-${count}`,
        agent_secret: navigator.agent_secret,
      })
      await confirm()
    }
    expect(await shown()).toContain(`${page}?page=2`)
    const second = await (await owner.open(`${page}?page=2`)).text()
    expect(second).toContain(`${page}?page=1`)
  })
})
