/**
 * The pages of connected apps: what a form does at once, and that one without its CSRF token, sent
 * twice, by another session or too late changes nothing.
 *
 * @see [RFC 9700 §4.7 - Cross-Site Request Forgery](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.7)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { connectApp, twoResources } from '../support/connected-apps.ts'
import { eventsOf, isLive } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let elapsedMs = 0
beforeAll(async () => {
  const clock = () => Date.now() + elapsedMs
  server = await startTestServer({ resources: twoResources }, { clock })
})
afterAll(() => server.stop())

type Person = ReturnType<TestServer['person']>
const path = '/developers/connected-apps'

async function pageOf(person: Person, at = '') {
  const response = await person.open(path + at)
  const html = await response.text()
  // The decision forms of one page share their token.
  return { status: response.status, html, csrf: hiddenFields(html).csrf ?? '' }
}

async function connected() {
  const person = server.person()
  const app = await connectApp(server, { scope: 'book read' }, person)
  const at = `/${app.grantId}`
  const keep = `read ${server.url}/api/mcp`
  return { ...app, person, at, keep }
}

/** What the log says was done to it since the consent. */
async function doneTo(grantId: string): Promise<string[]> {
  const events = await eventsOf(server, 'GrantNarrowed', 'GrantEnded')
  return events.filter(({ payload }) => payload.grantId === grantId).map(({ type }) => type)
}

describe('a person', () => {
  test('sees what they connected, in words, and looks through it', async () => {
    const { person, grantId } = await connected()
    const { html } = await pageOf(person)
    expect(html).toContain(`href="${path}/${grantId}"`)
    expect(html).toContain('Start jobs')
    expect((await pageOf(person, '?search=jobs')).html).toContain(grantId)
    expect((await pageOf(person, '?search=nothing%20such')).html).not.toContain(grantId)
    expect((await pageOf(person, '?page=99999')).status).toBe(200)
    expect((await pageOf(person, '?page=x&search=%00%27%22')).status).toBe(200)
  })

  test('takes a scope back, and the page says what happened, by event id', async () => {
    const { person, at, keep, grantId } = await connected()
    const { csrf } = await pageOf(person, at)
    const answer = await person.submit(`${path}${at}/narrow`, { csrf, keep })
    expect(answer.status).toBe(303)
    const { html } = await pageOf(person, at)
    const [event] = (await eventsOf(server, 'GrantNarrowed')).slice(-1)
    expect(event?.payload).toMatchObject({ grantId, access: [{ scopes: ['read'] }] })
    expect(event?.actor).toMatch(/^user:/)
    expect(html).toContain(event?.eventId ?? 'none')
    expect(html).not.toContain('Start jobs')
  })

  test('revokes, and the very next call with its token is refused', async () => {
    const { person, at, tokens } = await connected()
    const { csrf } = await pageOf(person, at)
    expect(await isLive(server, tokens.access_token)).toBe(true)
    const answer = await person.submit(`${path}${at}/revoke`, { csrf })
    expect(answer.headers.get('location')).toBe(`${path}?done=revoked`)
    expect(await isLive(server, tokens.access_token)).toBe(false)
    const { status, html } = await pageOf(person, at)
    expect(status).toBe(200)
    expect(html).toContain('you revoked it')
    expect(html).not.toContain('<form')
  })

  test('revokes everything after one question', async () => {
    const { person, tokens } = await connected()
    const { csrf } = await pageOf(person, '/revoke')
    expect(await isLive(server, tokens.access_token)).toBe(true)
    expect((await person.submit(`${path}/revoke`, { csrf })).status).toBe(303)
    expect(await isLive(server, tokens.access_token)).toBe(false)
    expect((await person.open(`${path}/revoke`)).headers.get('location')).toBe(path)
  })

  test('who keeps nothing is told to revoke', async () => {
    const { person, at, grantId } = await connected()
    const { csrf } = await pageOf(person, at)
    const answer = await person.submit(`${path}${at}/narrow`, { csrf })
    expect([answer.status, await doneTo(grantId)]).toEqual([400, []])
    expect(await answer.text()).toContain('revoke the access')
  })
})

describe('nothing changes by a form', () => {
  test('without its CSRF token, or with that of another form', async () => {
    const { person, at, keep, grantId } = await connected()
    const other = await pageOf(person, '/revoke')
    for (const csrf of ['', 'x'.repeat(43), other.csrf]) {
      const narrowed = await person.submit(`${path}${at}/narrow`, { csrf, keep })
      const revoked = await person.submit(`${path}${at}/revoke`, { csrf })
      expect([narrowed.status, revoked.status]).toEqual([400, 400])
      expect((await person.submit(`${path}/revoke`, { csrf: '' })).status).toBe(403)
    }
    expect(await doneTo(grantId)).toEqual([])
  })

  test('that comes a second time', async () => {
    const { person, at, keep, grantId } = await connected()
    const { csrf } = await pageOf(person, at)
    for (const _ of [1, 2]) {
      const narrowed = await person.submit(`${path}${at}/narrow`, { csrf, keep })
      expect(narrowed.status).toBe(303)
    }
    for (const _ of [1, 2]) {
      expect((await person.submit(`${path}${at}/revoke`, { csrf })).status).toBe(303)
    }
    expect(await doneTo(grantId)).toEqual(['GrantNarrowed', 'GrantEnded'])
  })

  test('that gives back what was taken in another window', async () => {
    const { person, at, keep, grantId } = await connected()
    const { csrf } = await pageOf(person, at)
    await person.submit(`${path}${at}/narrow`, { csrf, keep })
    const late = await person.submit(`${path}${at}/narrow`, {
      csrf,
      keep: keep.replace('read', 'book'),
    })
    expect([late.status, await doneTo(grantId)]).toEqual([400, ['GrantNarrowed']])
  })

  test('that another session was given, of the same person', async () => {
    const { at, keep, grantId, person } = await connected()
    const { csrf } = await pageOf(person, at)
    const second = server.person()
    await connectApp(server, { scope: 'read' }, second)
    expect((await second.submit(`${path}${at}/narrow`, { csrf, keep })).status).toBe(400)
    expect(await doneTo(grantId)).toEqual([])
  })

  test('after the session is over', async () => {
    const { person, at, keep, grantId } = await connected()
    const { csrf } = await pageOf(person, at)
    elapsedMs += 8 * 24 * 60 * 60 * 1000
    const late = await person.submit(`${path}${at}/narrow`, { csrf, keep })
    expect(late.headers.get('location')).toBe(`/sign-in?next=${path}${at}`)
    expect(await doneTo(grantId)).toEqual([])
  })

  test('of somebody who is not signed in, or whose it is not', async () => {
    const { at, keep, grantId } = await connected()
    const { registerUser } = await import('../../src/identity/register-user.ts')
    const credentials = { email: 'eve@example.com', password: 'another long password' }
    await registerUser(server.services, { ...credentials, actor: 'cli', admin: false, name: 'Eve' })
    const eve = server.person(credentials)
    expect((await eve.open(path + at)).headers.get('location')).toStartWith('/sign-in?next=')
    const own = await connectApp(server, { scope: 'read' }, eve)
    expect((await eve.open(path + at)).status).toBe(404)
    const { csrf } = await pageOf(eve, `/${own.grantId}`)
    for (const what of ['narrow', 'revoke']) {
      const answer = await eve.submit(`${path}${at}/${what}`, { csrf, keep })
      expect(answer.status).toBe(404)
    }
    expect(await doneTo(grantId)).toEqual([])
  })
})
