/** People, their sessions, and what they gave, in the administrator's pages. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { act, actionPath, formOf, signedIn } from '../support/admin-browser.ts'
import { giveApiToken } from '../support/api-tokens.ts'
import { connect, eventsOf, isLive, refresh } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const password = 'a very long passphrase'

let server: TestServer
let ada: DemoPerson
let adaId: string
beforeAll(async () => {
  server = await startTestServer()
  ada = await signedIn(server)
  adaId = await idOf(admin.email)
})
afterAll(() => server.stop())

async function page(path: string): Promise<string> {
  return (await ada.open(path)).text()
}

async function idOf(email: string): Promise<string> {
  const html = await page(`/admin/users?q=${encodeURIComponent(email)}`)
  return /usr_[0-9a-f]{32}/.exec(html)?.[0] ?? ''
}

async function newPerson(name: string, isAdmin = false) {
  const email = `${name}@example.com`
  const made = await registerUser(server.services, {
    email,
    password,
    name,
    admin: isAdmin,
    actor: 'cli',
  })
  return { id: made.outcome === 'accepted' ? made.userId : '', credentials: { email, password } }
}

const count = async (type: string) => (await eventsOf(server, type)).length

describe('a person', () => {
  test('is added once, however often the form is sent, and can sign in', async () => {
    const before = await count('UserRegistered')
    const form = await formOf(ada, 'create-user')
    const fields = { ...form, email: 'carol@example.com', name: 'Carol', password }
    for (const _ of ['sent', 'sent again']) {
      const answer = await ada.submit(actionPath('create-user'), fields)
      expect(answer.headers.get('location')).toBe(`/admin/user?id=${form.id}`)
    }
    expect(await count('UserRegistered')).toBe(before + 1)
    await signedIn(server, { email: 'carol@example.com', password })
    const taken = await act(ada, 'create-user', {
      email: 'carol@example.com',
      name: 'Another',
      password,
    })
    expect([taken.status, (await taken.text()).includes('already')]).toEqual([400, true])
  })

  test('is told what is wrong, and no page repeats the password', async () => {
    const fields = { email: 'not an address', name: 'X', password: 'never shown again' }
    const wrong = await act(ada, 'create-user', fields)
    const html = await wrong.text()
    expect([wrong.status, html.includes(fields.password)]).toEqual([400, false])
    expect(html).toContain('This is not an email address')
  })

  test('is disabled with a reason: signed out, and without access until enabled again', async () => {
    const { id, credentials } = await newPerson('dan')
    const dan = await signedIn(server, credentials)
    const { tokens } = await connect(server, {}, server.person(credentials))
    expect((await act(ada, 'disable-user', { id, reason: '' })).status).toBe(400)
    const form = { ...(await formOf(ada, 'disable-user', id)), reason: 'Left the company' }
    for (const _ of ['sent', 'sent again']) {
      expect((await ada.submit(actionPath('disable-user'), form)).status).toBe(303)
    }
    expect((await eventsOf(server, 'UserDisabled')).map(({ actor }) => actor)).toEqual([
      `user:${adaId}`,
    ])
    expect(await isLive(server, tokens.access_token)).toBe(false)
    expect((await dan.open('/account')).status).toBe(303)
    expect(await page(`/admin/user?id=${id}`)).toContain('Left the company')
    await act(ada, 'enable-user', { id })
    expect(await isLive(server, tokens.access_token)).toBe(true)
    expect((await dan.open('/account')).status).toBe(303)
  })

  test('has the groups and permissions that an administrator gives, each change once', async () => {
    const { id } = await newPerson('eva')
    for (const _ of ['sent', 'sent again']) {
      await act(ada, 'set-groups', { id, groups: 'staff, editors' })
      await act(ada, 'set-permissions', { id, permissions: 'a:read b:write' })
    }
    expect([await count('UserGroupsSet'), await count('UserPermissionsSet')]).toEqual([1, 1])
    const html = await page(`/admin/user?id=${id}`)
    for (const name of ['staff', 'editors', 'a:read', 'b:write']) expect(html).toContain(name)
    expect((await act(ada, 'set-groups', { id, groups: 'admin' })).status).toBe(400)
    expect((await act(ada, 'set-groups', { id, groups: 'no/slash' })).status).toBe(400)
    expect((await act(ada, 'set-permissions', { id, permissions: 'ümlaut' })).status).toBe(400)
    await act(ada, 'set-groups', { id, groups: '' })
    expect(await page(`/admin/user?id=${id}`)).not.toContain('editors')
  })
})

describe('the last administrator', () => {
  test('is neither disabled nor made an ordinary person', async () => {
    for (const action of ['disable-user', 'unmake-admin']) {
      const answer = await act(ada, action, { id: adaId, reason: 'a test' })
      expect(answer.status).toBe(400)
      expect(await answer.text()).toContain('This is the last administrator')
    }
    expect((await ada.open('/admin')).status).toBe(200)
  })

  test('is the one who stays when two take it away from each other at once', async () => {
    const { id, credentials } = await newPerson('fay')
    await act(ada, 'make-admin', { id })
    await act(ada, 'make-admin', { id })
    expect(await count('UserAdminSet')).toBe(1)
    const fay = await signedIn(server, credentials)
    const forms = [await formOf(ada, 'unmake-admin', id), await formOf(fay, 'unmake-admin', adaId)]
    await Promise.all([
      ada.submit(actionPath('unmake-admin'), forms[0] ?? {}),
      fay.submit(actionPath('unmake-admin'), forms[1] ?? {}),
    ])
    const left = [(await ada.open('/admin')).status, (await fay.open('/admin')).status]
    expect(left.toSorted()).toEqual([200, 403])
    if (left[0] === 403) await act(fay, 'make-admin', { id: adaId })
  })
})

describe('sessions', () => {
  test('are listed, ended one by one, and all of one person', async () => {
    const { id, credentials } = await newPerson('gil')
    const browsers = [await signedIn(server, credentials), await signedIn(server, credentials)]
    const html = await page(`/admin/sessions?user=${id}`)
    const ids = [...new Set(html.match(/ses_[0-9a-f]{32}/g))]
    expect(ids.length).toBe(2)
    const one = await formOf(ada, 'end-session', ids[0])
    for (const _ of ['sent', 'sent again']) {
      const answer = await ada.submit(actionPath('end-session'), one)
      expect(answer.headers.get('location')).toBe('/admin/sessions')
    }
    const open = async () =>
      Promise.all(browsers.map(async (b) => (await b.open('/account')).status))
    expect((await open()).toSorted()).toEqual([200, 303])
    for (const _ of ['sent', 'sent again']) await act(ada, 'end-sessions', { id })
    expect(await open()).toEqual([303, 303])
    const ended = (await eventsOf(server, 'SessionEnded')).filter((e) => e.payload.userId === id)
    expect(ended.map(({ payload }) => payload.reason)).toEqual(['ended_by_admin', 'ended_by_admin'])
  })
})

describe('what a person gave', () => {
  test('is found by person and by app, and ended once, with a reason that is sealed', async () => {
    const { id, credentials } = await newPerson('hal')
    const { client, tokens } = await connect(server, {}, server.person(credentials))
    const grants = async (query: string) => [
      ...new Set((await page(`/admin/grants?${query}`)).match(/grt_[0-9a-f]{32}/g)),
    ]
    const [grantId = ''] = await grants(`user=${id}`)
    expect(await grants(`client=${client.client_id}`)).toContain(grantId)
    expect(await grants('q=hal%40example.com')).toEqual([grantId])
    expect(await grants(`user=${adaId}&q=hal`)).toEqual([])
    expect((await act(ada, 'end-grant', { id: grantId, reason: '' })).status).toBe(400)
    const form = { ...(await formOf(ada, 'end-grant', grantId)), reason: 'Lost the laptop' }
    for (const _ of ['sent', 'sent again']) {
      expect((await ada.submit(actionPath('end-grant'), form)).status).toBe(303)
    }
    expect(await isLive(server, tokens.access_token)).toBe(false)
    const [ended, ...more] = (await eventsOf(server, 'GrantEnded', 'ReasonGiven')).slice(-2)
    expect(ended?.payload).toMatchObject({ grantId, reason: 'revoked_by_admin' })
    expect(more.map(({ payload }) => payload)).toMatchObject([
      { about: id, reason: 'Lost the laptop' },
    ])
    expect(await page(`/admin/grant?id=${grantId}`)).toContain('Lost the laptop')
  })

  test('gives tokens of which one ends alone, once', async () => {
    const { id, credentials } = await newPerson('ida')
    const { client, tokens } = await connect(server, {}, server.person(credentials))
    const html = await page(`/admin/tokens?user=${id}`)
    const tokenHash = /end-token\?id=([\w-]+\.[\w-]{43})/.exec(html)?.[1] ?? ''
    expect(html).not.toContain(tokens.access_token)
    const form = { ...(await formOf(ada, 'end-token', tokenHash)), reason: 'Seen in a log' }
    await Promise.all([
      ada.submit(actionPath('end-token'), form),
      ada.submit(actionPath('end-token'), form),
    ])
    expect(await count('AccessTokenRevoked')).toBe(1)
    expect(await isLive(server, tokens.access_token)).toBe(false)
    const next = await refresh(server, { client, refreshToken: tokens.refresh_token ?? '' })
    expect(next.status).toBe(200)
  })
})

describe('an API token', () => {
  test('is in the list of tokens, and ended with a reason, once', async () => {
    const { id } = await newPerson('tess')
    const made = await giveApiToken(server, { userId: id, scopes: ['read'], lifetimeSeconds: 0 })
    const listed = await page(`/admin/tokens?user=${id}`)
    expect(listed).toContain('without an end')
    expect(listed).toContain(`/admin/do/end-api-token?id=${made.id}`)
    expect(listed).not.toContain(made.token)
    const silent = await act(ada, 'end-api-token', { id: made.id, reason: '' })
    expect(silent.status).toBe(400)
    const form = { ...(await formOf(ada, 'end-api-token', made.id)), reason: 'Left in a script' }
    for (const _ of ['sent', 'sent again']) {
      expect((await ada.submit(actionPath('end-api-token'), form)).status).toBe(303)
    }
    const ended = (await eventsOf(server, 'ApiTokenRevoked')).filter(
      ({ payload }) => payload.apiTokenId === made.id,
    )
    expect(ended.map(({ actor, payload }) => [actor, payload.reason])).toEqual([
      [`user:${adaId}`, 'revoked_by_admin'],
    ])
    const why = (await eventsOf(server, 'ReasonGiven')).at(-1)
    expect(why?.payload).toMatchObject({ about: id, reason: 'Left in a script' })
    const used = await fetch(`${server.url}/api/whoami`, {
      headers: { authorization: `Bearer ${made.token}` },
    })
    expect(used.status).toBe(401)
    expect(await page(`/admin/tokens?user=${id}`)).not.toContain(made.id)
  })
})
