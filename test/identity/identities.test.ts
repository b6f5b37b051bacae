/** Linking an account elsewhere: with proof of both, to one account, and never away for good. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { deleteAccount } from '../../src/identity/delete-account.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { answerOf, leaveFor, locationOf, visit } from '../support/upstream-visit.ts'

let provider: Provider
let server: TestServer
let count = 0
beforeAll(async () => {
  provider = await startProvider()
  server = await startTestServer(
    upstreamsAt(provider, { signUp: true }, { id: 'second', name: 'Second' }),
  )
})
afterAll(async () => {
  await server.stop()
  await provider.stop()
})
beforeEach(() => {
  count += 1
  provider.person = { sub: `linked-${count}`, preferred_username: `grace-${count}` }
})

async function signedInAdmin(): Promise<DemoPerson> {
  return (await adminInBrowser()).person
}

async function adminInBrowser() {
  const person = server.person()
  const fields = hiddenFields(await (await person.open('/sign-in')).text())
  const signIn = () => person.submit('/sign-in', { ...fields, ...admin })
  await signIn()
  return { person, signIn }
}

async function unlink(person: DemoPerson, label: string, csrf?: string): Promise<string> {
  const html = await (await person.open('/account')).text()
  const item =
    html
      .split('<li class="identity"')
      .slice(1)
      .find((part) => part.includes(label)) ?? ''
  const fields = { ...hiddenFields(item), ...(csrf === undefined ? {} : { csrf }) }
  return locationOf(await person.submit('/account/unlink', fields))
}

const link = { from: '/account' }

describe('a person who is signed in', () => {
  test('links an identity, signs in by it, and unlinks it', async () => {
    const person = await signedInAdmin()
    expect(await visit(person, link)).toBe('/account')
    const page = await (await person.open('/account')).text()
    expect(page).toContain(`grace-${count}`)
    const elsewhere = server.person()
    expect(await visit(elsewhere)).toBe('/account')
    expect(await (await elsewhere.open('/account')).text()).toContain(admin.email)
    expect(await unlink(person, `grace-${count}`)).toBe('/account')
    expect(await (await person.open('/account')).text()).not.toContain(`grace-${count}`)
    const [unlinked] = (await eventsOf(server, 'IdentityUnlinked')).slice(-1)
    expect(unlinked?.actor).toMatch(/^user:usr_/)
  })

  test('links it once, however often they ask', async () => {
    const person = await signedInAdmin()
    const before = (await eventsOf(server, 'IdentityLinked')).length
    expect(await visit(person, link)).toBe('/account')
    expect(await visit(person, link)).toBe('/account')
    expect((await eventsOf(server, 'IdentityLinked')).length).toBe(before + 1)
  })

  test('cannot link the identity of another account', async () => {
    await visit(server.person())
    const person = await signedInAdmin()
    const sent = await visit(person, link)
    expect(sent).toBe('/account?problem=identity_of_another')
    expect(await (await person.open(sent)).text()).toContain('linked with another account here')
  })

  test('links in the session that asked, and in none that came after it', async () => {
    const { person, signIn } = await adminInBrowser()
    const back = await answerOf(await leaveFor(person, link))
    await signIn()
    const before = (await eventsOf(server, 'IdentityLinked')).length
    expect(locationOf(await person.open(back))).toBe('/account?problem=upstream_expired')
    expect((await eventsOf(server, 'IdentityLinked')).length).toBe(before)
  })

  test('and nobody else: a link cannot be asked for from elsewhere', async () => {
    const stranger = server.person()
    const sent = await stranger.submit('/account/link', { upstream: 'provider', csrf: 'x' })
    expect(locationOf(sent)).toBe('/sign-in?next=/account')
    const person = await signedInAdmin()
    const forged = await person.submit('/account/link', { upstream: 'provider', csrf: 'x' })
    expect(locationOf(forged)).toBe('/account?problem=expired_form')
    await visit(person, link)
    expect(await unlink(person, `grace-${count}`, 'x')).toBe('/account?problem=expired_form')
  })
})

describe('the last way in', () => {
  test('stays', async () => {
    const person = server.person()
    await visit(person)
    const sent = await unlink(person, `grace-${count}`)
    expect(sent).toBe('/account?problem=last_way_in')
    expect(await (await person.open(sent)).text()).toContain('the only way to sign in')
    const first = provider.person
    provider.person = { sub: `other-${count}`, preferred_username: `other-${count}` }
    expect(await visit(person, { ...link, upstream: 'second' })).toBe('/account')
    expect(await unlink(person, `grace-${count}`)).toBe('/account')
    expect(await unlink(person, `other-${count}`)).toBe('/account?problem=last_way_in')
    provider.person = first
    expect(await visit(server.person(), { upstream: 'second' })).toBe(
      '/sign-in?problem=identity_unknown',
    )
  })

  test('is none of somebody else’s to take', async () => {
    await visit(server.person())
    const [linked] = (await eventsOf(server, 'IdentityLinked')).slice(-1)
    const person = await signedInAdmin()
    await visit(person, { ...link, upstream: 'second' })
    const html = await (await person.open('/account')).text()
    const form = html.split('<form').find((part) => part.includes('/account/unlink')) ?? ''
    const { csrf = '' } = hiddenFields(form)
    const before = (await eventsOf(server, 'IdentityUnlinked')).length
    await person.submit('/account/unlink', { csrf, identity: String(linked?.payload.identityKey) })
    expect((await eventsOf(server, 'IdentityUnlinked')).length).toBe(before)
  })
})

describe('an account that is deleted', () => {
  test('frees its identities', async () => {
    await visit(server.person())
    const [registered] = (await eventsOf(server, 'UserRegistered')).slice(-1)
    const userId = String(registered?.payload.userId)
    await deleteAccount(server.services, userId, { actor: 'cli', correlationId: 'test' })
    expect(await visit(server.person())).toBe('/account')
    const again = (await eventsOf(server, 'UserRegistered')).at(-1)?.payload
    expect(again).not.toMatchObject({ userId })
  })
})

describe('a page that asks for a fresh sign-in', () => {
  test('is reached by another service too, which is asked for a new proof', async () => {
    const person = server.person()
    await visit(person)
    expect(await visit(person, { from: '/sign-in?next=/account/delete' })).toBe('/account/delete')
    expect(provider.asked.at(-1)?.get('prompt')).toBe('login')
  })

  test('is asked for before a way in is added', async () => {
    let now = Date.now()
    const aged = await startTestServer(upstreamsAt(provider), { clock: () => now })
    try {
      const person = aged.person()
      const fields = hiddenFields(await (await person.open('/sign-in')).text())
      await person.submit('/sign-in', { ...fields, ...admin })
      const html = await (await person.open('/account')).text()
      const form = html.split('<form').find((part) => part.includes('/account/link')) ?? ''
      now += 11 * 60_000
      const asked = { ...hiddenFields(form), upstream: 'provider' }
      expect(locationOf(await person.submit('/account/link', asked))).toBe('/sign-in?next=/account')
    } finally {
      await aged.stop()
    }
  })
})
