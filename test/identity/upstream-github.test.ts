/** Signing in by GitHub, which speaks OAuth 2.0 and says who it is by its API. */
import { eventsOf } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { visit } from '../support/upstream-visit.ts'

let provider: Provider
let server: TestServer
let id = 1000
beforeAll(async () => {
  provider = await startProvider()
  server = await startTestServer(
    upstreamsAt(provider, { kind: 'github', name: 'GitHub', signUp: true, trustEmail: true }),
  )
})
afterAll(async () => {
  await server.stop()
  await provider.stop()
})
beforeEach(() => {
  id += 1
  provider.person = { sub: '', id, login: 'grace', name: null }
  provider.emails = []
  provider.mischief = {}
  provider.asked.splice(0)
})

const lastUser = async () => (await eventsOf(server, 'UserRegistered')).at(-1)?.payload
const refused = '/sign-in?problem=upstream_failed'

describe('a person whom GitHub knows', () => {
  test('is the number, whatever name they take', async () => {
    expect(await visit(server.person())).toBe('/account')
    const before = (await eventsOf(server, 'UserRegistered')).length
    provider.person = { ...provider.person, login: 'hopper' }
    expect(await visit(server.person())).toBe('/account')
    expect((await eventsOf(server, 'UserRegistered')).length).toBe(before)
    // And somebody else who takes the name is somebody else.
    provider.person = { sub: '', id: id + 500_000, login: 'grace' }
    await visit(server.person())
    expect((await eventsOf(server, 'UserRegistered')).length).toBe(before + 1)
  })

  test('is asked for with PKCE and for what is needed', async () => {
    await visit(server.person())
    const [asked] = provider.asked
    expect(asked?.get('code_challenge_method')).toBe('S256')
    expect(asked?.get('scope')).toBe('read:user user:email')
    expect(asked?.get('nonce')).toBe(null)
  })

  test('has their primary address if that is verified, and no other', async () => {
    const email = `grace${id}@github.example`
    provider.emails = [
      { email: 'other@github.example', primary: false, verified: true },
      { email, primary: true, verified: true },
    ]
    await visit(server.person())
    expect(await lastUser()).toMatchObject({ email, emailVerified: true })
    provider.person = { ...provider.person, id: id + 700_000 }
    provider.emails = [{ email: 'new@github.example', primary: true, verified: false }]
    await visit(server.person())
    expect(await lastUser()).not.toHaveProperty('email')
  })
})

describe('nobody is signed in', () => {
  for (const [name, wrong] of Object.entries({
    'without a number': undefined,
    'with a text for a number': '1001',
    'with a number that JavaScript rounds': 2 ** 60,
  })) {
    test(name, async () => {
      provider.person = { ...provider.person, id: wrong }
      expect(await visit(server.person())).toBe(refused)
    })
  }

  test('by a code that GitHub does not know', async () => {
    provider.mischief = { answer: { code: 'made up' } }
    expect(await visit(server.person())).toBe(refused)
  })
})
