/** Agents register, prove who they are, and look after themselves; and what strangers try. */
import { authenticate, navigator, registerAgent, send, tokenOf } from '../support/agents.ts'
import { connect, eventsOf } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

let now = Date.now()
let server: TestServer
beforeEach(async () => {
  server = await startTestServer({ agents: { enabled: true } }, { clock: () => now })
})
afterEach(() => server.stop())

const bodyOf = async (answer: Response | Promise<Response>) =>
  (await (await answer).json()) as Record<string, unknown>
const profile = (token: string, rest: { method?: string; body?: unknown } = {}) =>
  send(server, '/api/agents/profile', { method: 'GET', token, ...rest })
const agentEvents = async () =>
  (await eventsOf(server)).filter(({ type }) => type.startsWith('Agent'))

describe('the endpoints', () => {
  test('are not there unless an operator wants agents', async () => {
    const other = await startTestServer()
    try {
      expect((await registerAgent(other)).status).toBe(404)
      expect((await authenticate(other)).status).toBe(404)
    } finally {
      await other.stop()
    }
  })
})

describe('a registration', () => {
  test('tells the agent what it is, and never its secret', async () => {
    const answer = await registerAgent(server)
    expect(answer.status).toBe(201)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const body = await bodyOf(answer)
    expect(body).toMatchObject({ agent_id: 'navigator', owner_confirmed: false })
    expect(body.id).toMatch(/^agt_/)
    expect(JSON.stringify(body)).not.toContain(navigator.agent_secret)
    expect(server.logged()).not.toContain(navigator.agent_secret)
  })

  test('enters no log, nor does what the agent then does to itself', async () => {
    await registerAgent(server)
    const token = await tokenOf(server)
    await profile(token, { method: 'PUT', body: { model_name: 'newer' } })
    expect(await agentEvents()).toEqual([])
  })

  test('takes a name from nobody, however it is written', async () => {
    await registerAgent(server)
    const secret = 'something quite different'
    for (const agent_id of ['navigator', 'Navigator', 'NAVIGATOR']) {
      const refused = await registerAgent(server, { agent_id, agent_secret: secret })
      expect(refused.status).toBe(409)
      expect((await bodyOf(refused)).error).toBe('agent_id_taken')
    }
    expect(
      (await authenticate(server, { agent_id: 'navigator', agent_secret: secret })).status,
    ).toBe(401)
    expect((await authenticate(server)).status).toBe(200)
  })

  test('of many at once one gets the name', async () => {
    const secrets = Array.from({ length: 8 }, (_, index) => `contender number ${index}`)
    const answers = await Promise.all(
      secrets.map((agent_secret) => registerAgent(server, { agent_secret })),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...Array(7).fill(409)])
    const winner = answers.findIndex(({ status }) => status === 201)
    const agent_secret = secrets[winner] ?? ''
    expect((await authenticate(server, { agent_id: 'navigator', agent_secret })).status).toBe(200)
  })

  test('that nobody uses or confirms is gone after a while, and its name free', async () => {
    await registerAgent(server)
    now += 8 * 24 * 3600_000
    expect((await authenticate(server)).status).toBe(401)
    const other = { agent_secret: 'something quite different' }
    expect((await registerAgent(server, other)).status).toBe(201)
    expect((await authenticate(server)).status).toBe(401)
  })

  const refused: [string, Record<string, unknown>][] = [
    ['no id', { agent_id: undefined }],
    ['an id that is too short', { agent_id: 'zq' }],
    ['an id that is too long', { agent_id: 'a'.repeat(65) }],
    ['an id with a slash', { agent_id: 'a/../b' }],
    ['an id in other letters', { agent_id: 'nаvigator' }],
    ['an id that looks like one of ours', { agent_id: 'usr_0190000000007000800000000000' }],
    ['an id that is no text', { agent_id: { $ne: null } }],
    ['a secret that is too short', { agent_secret: 'short one' }],
    ['a secret of one letter', { agent_secret: 'a'.repeat(40) }],
    ['a secret that holds the id', { agent_secret: 'the navigator and more' }],
    ['a secret that is too long', { agent_secret: 'abcdefgh'.repeat(200) }],
    ['a secret with a line break', { agent_secret: 'a chart of every\nharbour' }],
    ['no address', { owner_email: 'grace' }],
    ['an owner of two lines', { owner_name: 'Grace\nHopper' }],
    ['an owner that turns letters round', { owner_name: 'Grace \u202Erepp' }],
    ['a model that is too long', { model_name: 'm'.repeat(201) }],
    ['an empty model', { model_name: '   ' }],
  ]
  for (const [what, fields] of refused) {
    test(`with ${what} is refused, and repeats nothing of it`, async () => {
      const answer = await registerAgent(server, fields as never)
      const { request_id: _, ...body } = await bodyOf(answer)
      expect({ status: answer.status, error: body.error }).toEqual({
        status: 400,
        error: 'invalid_request',
      })
      for (const value of Object.values(fields)) {
        if (typeof value === 'string') expect(JSON.stringify(body)).not.toContain(value)
      }
    })
  }

  test('must be a JSON object', async () => {
    for (const body of [[], 'text', 7, null]) {
      expect((await send(server, '/api/register-agent', { body })).status).toBe(400)
    }
    const form = await fetch(`${server.url}/api/register-agent`, {
      method: 'POST',
      body: new URLSearchParams(navigator),
    })
    expect(form.status).toBe(415)
  })
})

describe('an agent that authenticates', () => {
  test('gets a token for itself and for userinfo, and for nothing else', async () => {
    await registerAgent(server)
    const token = await tokenOf(server)
    expect(await bodyOf(profile(token))).toMatchObject({ agent_id: 'navigator' })
    const userinfo = await bodyOf(send(server, '/oauth/userinfo', { method: 'GET', token }))
    expect(userinfo).toMatchObject({
      name: 'Grace Hopper',
      agent_id: 'navigator',
      model_name: 'a model',
      email: 'grace@example.com',
      email_verified: false,
      permissions: [],
    })
    expect(userinfo.sub).toMatch(/^agt_/)
    for (const path of ['/api/whoami', '/audit/events', '/api/tokens', '/api/connected-apps']) {
      expect((await send(server, path, { method: 'GET', token })).status).toBe(401)
    }
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
    expect((await send(server, '/api/mcp', { token, body: call })).status).toBe(401)
  })

  test('learns nothing from a refusal: unknown name and wrong secret look the same', async () => {
    await registerAgent(server)
    const wrong = [
      { agent_id: 'navigator', agent_secret: 'a wrong secret' },
      { agent_id: 'nobody', agent_secret: navigator.agent_secret },
      { agent_id: 'n'.repeat(5000), agent_secret: 'x' },
      { agent_id: 'navigator', agent_secret: 'x'.repeat(5000) },
    ]
    const told = new Set<string>()
    for (const credentials of wrong) {
      const answer = await authenticate(server, credentials)
      expect(answer.status).toBe(401)
      const { request_id: _, ...body } = await bodyOf(answer)
      told.add(JSON.stringify(body))
    }
    expect(told.size).toBe(1)
  })

  test('hashes as often for a name that nobody has', async () => {
    await registerAgent(server)
    const { passwords } = server.services
    const verify = passwords.verify.bind(passwords)
    let count = 0
    Object.assign(passwords, {
      verify: (secret: string, hash: string) => {
        count += 1
        return verify(secret, hash)
      },
    })
    try {
      for (const agent_id of ['navigator', 'nobody']) {
        count = 0
        await authenticate(server, { agent_id, agent_secret: 'a wrong secret' })
        expect(count).toBe(1)
      }
    } finally {
      Object.assign(passwords, { verify })
    }
  })

  test('waits after too many wrong secrets, and is let in again', async () => {
    await registerAgent(server)
    const wrong = { agent_id: 'navigator', agent_secret: 'a wrong secret' }
    for (let count = 0; count < 10; count += 1) {
      expect((await authenticate(server, wrong)).status).toBe(401)
    }
    const paused = await authenticate(server)
    expect(paused.status).toBe(429)
    expect(Number(paused.headers.get('retry-after'))).toBeGreaterThan(0)
    now += 16 * 60_000
    expect((await authenticate(server)).status).toBe(200)
  })

  test('keeps its token for as long as the operator says', async () => {
    await registerAgent(server)
    const token = await tokenOf(server)
    now += 3600_000
    expect((await profile(token)).status).toBe(401)
  })
})

describe('an agent’s profile', () => {
  test('changes in model and owner’s name, and in nothing else', async () => {
    await registerAgent(server)
    const token = await tokenOf(server)
    const put = (body: unknown) => profile(token, { method: 'PUT', body })
    expect(await bodyOf(put({ model_name: 'newer' }))).toMatchObject({
      model_name: 'newer',
      owner_name: 'Grace Hopper',
    })
    for (const fields of [
      { agent_id: 'other' },
      { owner_email: 'ada@example.com' },
      { agent_secret: 'another secret of mine' },
      { permissions: ['admin'] },
      {},
    ]) {
      expect((await put(fields)).status).toBe(400)
    }
    expect(await bodyOf(profile(token))).toMatchObject({
      model_name: 'newer',
      owner_email: 'grace@example.com',
    })
  })

  test('opens to no token of a person, and to none at all', async () => {
    const { tokens } = await connect(server, { scope: 'openid profile email' })
    expect((await profile(tokens.access_token)).status).toBe(403)
    const put = { method: 'PUT', body: { model_name: 'x' } }
    expect((await profile(tokens.access_token, put)).status).toBe(401)
    const bare = await send(server, '/api/agents/profile', { method: 'GET' })
    expect(bare.status).toBe(401)
    expect(bare.headers.get('www-authenticate')).toContain('Bearer')
  })

  test('can be ended by the agent itself, whose tokens then open nothing', async () => {
    await registerAgent(server)
    const token = await tokenOf(server)
    expect((await profile(token, { method: 'DELETE' })).status).toBe(204)
    expect((await profile(token)).status).toBe(401)
    expect((await authenticate(server)).status).toBe(401)
  })
})

describe('another secret', () => {
  const rotate = (body: unknown) => send(server, '/api/agents/secret', { method: 'PUT', body })
  const next = 'the stars by which to steer'

  test('takes the one before it, and ends every token', async () => {
    await registerAgent(server)
    const token = await tokenOf(server)
    const bare = { agent_id: 'navigator', new_agent_secret: next }
    expect((await rotate(bare)).status).toBe(400)
    expect((await rotate({ ...bare, agent_secret: 'a wrong secret' })).status).toBe(401)
    expect((await rotate({ ...navigator, new_agent_secret: navigator.agent_secret })).status).toBe(
      400,
    )
    expect((await rotate({ ...navigator, new_agent_secret: next })).status).toBe(200)
    expect((await profile(token)).status).toBe(401)
    expect((await authenticate(server)).status).toBe(401)
    expect((await authenticate(server, { agent_id: 'navigator', agent_secret: next })).status).toBe(
      200,
    )
  })
})

describe('how secrets are kept', () => {
  for (const secretHash of ['argon2id', 'bcrypt'] as const) {
    test(`as ${secretHash}, and what was kept otherwise stays good`, async () => {
      const { services } = server
      const other = secretHash === 'bcrypt' ? 'argon2id' : 'bcrypt'
      Object.assign(services.settings.agents, { secretHash })
      await registerAgent(server)
      const kept = (await services.expiring.get('waiting-agent', 'navigator')) as {
        secretHash: string
      }
      const begins = { argon2id: '$argon2id$v=19$m=19456,t=2', bcrypt: '$2' }
      expect(kept.secretHash.startsWith(begins[secretHash])).toBe(true)
      if (secretHash === 'bcrypt') expect(kept.secretHash).toMatch(/^\$2[aby]\$10\$/)
      Object.assign(services.settings.agents, { secretHash: other })
      expect((await authenticate(server)).status).toBe(200)
    })
  }

  test('bcrypt sees 72 bytes, so no longer secret is taken with it', async () => {
    Object.assign(server.services.settings.agents, { secretHash: 'bcrypt' })
    const agent_secret = 'abcdefghi'.repeat(8)
    expect((await registerAgent(server, { agent_secret: `${agent_secret}x` })).status).toBe(400)
    expect((await registerAgent(server, { agent_secret })).status).toBe(201)
  })
})
