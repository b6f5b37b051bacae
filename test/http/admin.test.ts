/** The administrator's pages: whose they are, which forms count, what they say of the server. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { english } from '../../src/web/words/english.tsx'
import { act, actionPath, formOf, signedIn } from '../support/admin-browser.ts'
import { connect, eventsOf } from '../support/oauth-client.ts'
import { addClient } from '../support/operator-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const bob = { email: 'bob@example.com', password: 'a very long passphrase' }
const names = Object.keys(english.adminActions.actions)
const pages = [
  '/admin',
  ...['clients', 'client', 'users', 'user', 'grants', 'grant'].map((name) => `/admin/${name}`),
  ...['tokens', 'sessions', 'keys', 'settings'].map((name) => `/admin/${name}`),
]

let now = Date.now()
let server: TestServer
let ada: DemoPerson
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
  ada = await signedIn(server)
})
afterAll(() => server.stop())

async function page(path: string): Promise<string> {
  return (await ada.open(path)).text()
}

describe('every page and every form', () => {
  test('sends a stranger to sign in', async () => {
    const stranger = server.person()
    for (const path of [...pages, ...names.map((name) => actionPath(name))]) {
      const answer = await stranger.open(path)
      const at = answer.headers.get('location') ?? ''
      const next = new URL(at, server.url).searchParams.get('next')
      expect([path, answer.status, next]).toEqual([path, 303, path])
    }
    for (const name of names) {
      expect((await stranger.submit(actionPath(name), {})).status).toBe(303)
    }
  })

  test('is forbidden to whoever is no administrator, and tells nothing', async () => {
    const ordinary = await signedIn(server, bob)
    const before = (await eventsOf(server)).length
    for (const path of [...pages, ...names.map((name) => actionPath(name))]) {
      const answer = await ordinary.open(path)
      expect([path, answer.status]).toEqual([path, 403])
      expect(await answer.text()).not.toContain(admin.email)
    }
    for (const name of names) {
      expect((await ordinary.submit(actionPath(name), {})).status).toBe(403)
    }
    expect((await eventsOf(server)).length).toBe(before)
  })

  test('is forbidden from the moment that somebody is no administrator any more', async () => {
    const eve = { email: 'eve@example.com', password: 'a very long passphrase' }
    const made = await registerUser(server.services, {
      ...eve,
      name: '',
      admin: true,
      actor: 'cli',
    })
    const id = made.outcome === 'accepted' ? made.userId : ''
    const browser = await signedIn(server, eve)
    expect((await browser.open('/admin')).status).toBe(200)
    await act(ada, 'unmake-admin', { id })
    expect((await browser.open('/admin')).status).toBe(403)
  })

  test('says that there is nothing where there is nothing', async () => {
    for (const path of ['/admin/client', '/admin/user', '/admin/grant', '/admin/nothing']) {
      for (const id of ['', 'nobody', '%00', '../../etc', 'x'.repeat(2000)]) {
        expect((await ada.open(`${path}?id=${encodeURIComponent(id)}`)).status).toBe(404)
      }
    }
  })
})

describe('SECURITY 27: a form counts', () => {
  test('in the browser and session, for the action and the thing, that it was shown for', async () => {
    const first = await addClient(server.services, { clientName: 'First' })
    const second = await addClient(server.services, { clientName: 'Second' })
    const id = first.client_id
    const form: Record<string, string> = {
      ...(await formOf(ada, 'disable-client', id)),
      reason: 'a test',
    }
    const other = await signedIn(server)
    const { csrf: _, ...without } = form
    const tries: [DemoPerson, string, Record<string, string>][] = [
      [other, 'disable-client', form],
      [ada, 'delete-client', form],
      [ada, 'disable-client', { ...form, id: second.client_id }],
      [ada, 'disable-client', { ...form, seen: 'otherwise' }],
      [ada, 'disable-client', { ...form, csrf: 'A'.repeat(43) }],
      [ada, 'disable-client', without],
    ]
    for (const [person, action, fields] of tries) {
      expect((await person.submit(actionPath(action), fields)).status).toBe(400)
    }
    const crossSite = await fetch(`${server.url}${actionPath('disable-client')}`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: ada.cookie,
        'sec-fetch-site': 'cross-site',
      },
      body: new URLSearchParams(form).toString(),
    })
    expect(crossSite.status).toBe(400)
    expect((await eventsOf(server, 'ClientDisabled', 'ClientDeleted')).length).toBe(0)
    expect((await ada.submit(actionPath('disable-client'), form)).status).toBe(303)
  })

  test('by POST alone: a link changes nothing', async () => {
    const { client_id } = await addClient(server.services)
    const before = (await eventsOf(server)).length
    const form = await formOf(ada, 'delete-client', client_id)
    await ada.open(`/admin/do/delete-client?${new URLSearchParams(form)}`)
    expect((await eventsOf(server)).length).toBe(before)
  })
})

describe('the overview', () => {
  test('says what there is, and what needs attention', async () => {
    await connect(server)
    const html = await page('/admin')
    for (const text of ['One app is disabled', 'There is one administrator only', server.url]) {
      expect(html).toContain(text)
    }
    expect(html).toMatch(/<strong>1<\/strong> Consents/)
    expect(html).toMatch(/<strong>1<\/strong> Tokens/)
  })

  test('says which key another follows within a week', async () => {
    expect(await page('/admin')).not.toContain('The ES256 key is followed')
    now += 85 * 24 * 60 * 60 * 1000
    ada = await signedIn(server)
    expect(await page('/admin')).toContain('The ES256 key is followed')
  })
})

describe('the signing keys', () => {
  const active = async (algorithm: string) => {
    const { rows } = { rows: await server.services.signer.publicKeys() }
    return rows.filter(({ alg }) => alg === algorithm).map(({ kid }) => kid)
  }

  test('have a next one published once, however often it is asked for', async () => {
    const form = await formOf(ada, 'publish-key', 'EdDSA')
    expect((await ada.submit(actionPath('publish-key'), form)).status).toBe(303)
    expect((await ada.submit(actionPath('publish-key'), form)).status).toBe(400)
    expect((await act(ada, 'publish-key', { id: 'EdDSA' })).status).toBe(400)
    expect((await active('EdDSA')).length).toBe(2)
    expect(await page('/admin/keys')).toContain('published, signs later')
  })

  test('are replaced once by one form, at once', async () => {
    const old = await active('ES256')
    const form = await formOf(ada, 'replace-keys', 'ES256')
    const both = await Promise.all([
      ada.submit(actionPath('replace-keys'), form),
      ada.submit(actionPath('replace-keys'), form),
    ])
    expect(both.map(({ status }) => status)).toContain(303)
    expect((await eventsOf(server, 'SigningKeyWithdrawn')).length).toBe(old.length)
    const [made] = await active('ES256')
    expect(old).not.toContain(made)
    const [published] = (await eventsOf(server, 'SigningKeyPublished')).slice(-1)
    expect(published?.actor).toMatch(/^user:usr_/)
  })

  test('of an algorithm that is none are nothing', async () => {
    expect((await ada.open(actionPath('replace-keys', 'none'))).status).toBe(404)
  })
})

describe('the settings in force', () => {
  test('say each value and where it was said, and hide what is secret', async () => {
    const html = await page('/admin/settings')
    expect(html).toContain('>admin_email<')
    expect(html).toContain(admin.email)
    expect(html).toContain('(hidden)')
    expect(html).not.toContain(admin.password)
  })
})
