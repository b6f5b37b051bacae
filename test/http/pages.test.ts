/**
 * The forms: what a browser is told, and which posts count.
 *
 * @see [RFC 9700 §4.7 - Cross-Site Request Forgery](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.7)
 * @see [RFC 9700 §4.12 - 307 Redirect](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.12)
 */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { authorizationUrl, eventsOf, register } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const bob = { email: 'bob@example.com', password: 'a very long passphrase' }

let now = Date.now()
let server: TestServer
let clientId: string
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  clientId = (await register(server)).client_id
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
})
afterAll(() => server.stop())

/** A person whose browser shows the consent page, with that page's fields. */
async function atConsent(credentials = admin) {
  const person = server.person(credentials)
  const asked = await person.open(authorizationUrl(server, clientId))
  const signIn = await (await person.open(asked.headers.get('location') ?? '')).text()
  const signedIn = await person.submit('/sign-in', { ...hiddenFields(signIn), ...credentials })
  const page = await person.open(signedIn.headers.get('location') ?? '')
  const html = await page.text()
  const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  const fields: Record<string, string> = { ...hiddenFields(form), decision: 'approve' }
  return { person, page, html, fields }
}

/** Posts a consent and says whether a grant came of it. */
async function post(
  person: DemoPerson,
  fields: Record<string, string>,
  headers?: Record<string, string>,
) {
  const before = (await eventsOf(server, 'GrantApproved')).length
  const response = headers
    ? await fetch(`${server.url}/consent`, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          cookie: person.cookie,
          ...headers,
        },
        body: new URLSearchParams(fields).toString(),
      })
    : await person.submit('/consent', fields)
  const granted = (await eventsOf(server, 'GrantApproved')).length - before
  return { status: response.status, location: response.headers.get('location'), granted }
}

describe('SECURITY 27: a consent counts', () => {
  test('once: posted twice, and twice at the same moment, it gives one grant', async () => {
    const { person, fields } = await atConsent()
    const before = (await eventsOf(server, 'GrantApproved')).length
    const both = await Promise.all([
      person.submit('/consent', fields),
      person.submit('/consent', fields),
    ])
    // Whoever comes second is told so, or sees anew what there is to decide when the first is done.
    const answered = both.filter(({ headers }) => headers.get('location')?.includes('code='))
    expect(answered).toHaveLength(1)
    expect((await eventsOf(server, 'GrantApproved')).length).toBe(before + 1)
    expect(await post(person, fields)).toEqual({ status: 400, location: null, granted: 0 })
  })

  test('not once it was denied', async () => {
    const { person, fields } = await atConsent()
    expect((await post(person, { ...fields, decision: 'deny' })).status).toBe(303)
    expect((await post(person, fields)).granted).toBe(0)
  })

  test('not without its token, nor with a made-up one', async () => {
    const { person, fields } = await atConsent()
    const { csrf: _, ...without } = fields
    for (const wrong of [without, { ...fields, csrf: '' }, { ...fields, csrf: 'A'.repeat(43) }]) {
      expect(await post(person, wrong)).toEqual({ status: 403, location: null, granted: 0 })
    }
    expect((await post(person, fields)).granted).toBe(1)
  })

  test("not with another browser's token, or in another browser", async () => {
    const [victim, attacker] = [await atConsent(), await atConsent(bob)]
    const forged = { ...victim.fields, csrf: attacker.fields.csrf ?? '' }
    expect((await post(victim.person, forged)).granted).toBe(0)
    // The whole form of the attacker, posted by the victim: it is another browser's request.
    expect(await post(victim.person, attacker.fields)).toEqual({
      status: 400,
      location: null,
      granted: 0,
    })
    expect((await post(attacker.person, victim.fields)).granted).toBe(0)
  })

  test("not with the token of the browser's other request", async () => {
    const { person, fields } = await atConsent()
    const again = await person.open(authorizationUrl(server, clientId))
    const html = await (await person.open(again.headers.get('location') ?? '')).text()
    const other = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
    const { request_id } = hiddenFields(other)
    expect((await post(person, { ...fields, request_id: request_id ?? '' })).granted).toBe(0)
  })

  test('not for the session that comes after the one it was shown to', async () => {
    const { person, fields } = await atConsent()
    const signIn = hiddenFields(
      await (await person.open(`/sign-in?request=${fields.request_id}`)).text(),
    )
    await person.submit('/sign-in', { ...signIn, ...bob })
    expect(await post(person, fields)).toEqual({ status: 403, location: null, granted: 0 })
  })

  test('not after half an hour', async () => {
    const { person, fields } = await atConsent()
    now += 30 * 60_000
    expect(await post(person, fields)).toEqual({ status: 400, location: null, granted: 0 })
  })

  test('not from another site, by what the browser says', async () => {
    const { person, fields } = await atConsent()
    for (const site of ['cross-site', 'same-site']) {
      expect(await post(person, fields, { 'sec-fetch-site': site })).toEqual({
        status: 403,
        location: null,
        granted: 0,
      })
    }
    expect((await post(person, fields, { 'sec-fetch-site': 'same-origin' })).granted).toBe(1)
  })

  test('not without a decision, nor with two', async () => {
    const { person, fields } = await atConsent()
    const { decision: _, ...without } = fields
    for (const wrong of [without, { ...fields, decision: 'Approve' }]) {
      expect((await post(person, wrong)).granted).toBe(0)
    }
  })

  test('not after signing out: the browser is sent to sign in', async () => {
    const { person, fields } = await atConsent()
    const account = await (await person.open('/account')).text()
    const out = account.split('<form').find((part) => part.includes('action="/sign-out"')) ?? ''
    const cookie = person.cookie
    expect((await person.submit('/sign-out', hiddenFields(out))).status).toBe(303)
    // With the old cookie too: the session has ended at the server.
    const answer = await post(person, fields, { cookie })
    expect(answer).toEqual({
      status: 303,
      location: `/sign-in?request=${fields.request_id}`,
      granted: 0,
    })
  })
})

describe('SECURITY 27: signing in', () => {
  const submit = async (person: DemoPerson, change: Record<string, string | undefined>) => {
    const fields = {
      ...hiddenFields(await (await person.open('/sign-in')).text()),
      ...admin,
      ...change,
    }
    const given = Object.entries(fields).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    )
    return person.submit('/sign-in', Object.fromEntries(given))
  }

  test('leads on with 303, a new HttpOnly SameSite cookie, and no other way to read it', async () => {
    const response = await submit(server.person(), {})
    expect(response.status).toBe(303)
    const [cookie = '', ...others] = response.headers.getSetCookie()
    expect(others).toEqual([])
    expect(cookie).toMatch(
      /^grantlog-session=glt_ss_[A-Za-z0-9_-]{49}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
    )
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('starts another session each time, and ends the one before', async () => {
    const person = server.person()
    await submit(person, {})
    const before = person.cookie
    const html = await (await person.open('/account')).text()
    expect(html).toContain(admin.email)
    now += 1
    const asked = await person.open(authorizationUrl(server, clientId, { prompt: 'login' }))
    const form = hiddenFields(await (await person.open(asked.headers.get('location') ?? '')).text())
    await person.submit('/sign-in', { ...form, ...admin })
    expect(person.cookie).not.toBe(before)
    const old = await fetch(`${server.url}/account`, {
      headers: { cookie: before },
      redirect: 'manual',
    })
    expect(old.headers.get('location')).toBe('/sign-in?next=/account')
  })

  test('needs the token of this very browser: no other site can sign a person in', async () => {
    const before = (await eventsOf(server, 'SessionStarted')).length
    for (const csrf of [undefined, '', 'A'.repeat(43)]) {
      expect((await submit(server.person(), { csrf })).status).toBe(400)
    }
    const other = hiddenFields(await (await server.person().open('/sign-in')).text())
    expect((await submit(server.person(), { csrf: other.csrf })).status).toBe(400)
    expect((await eventsOf(server, 'SessionStarted')).length).toBe(before)
  })

  test('never takes the person to a place of somebody else', async () => {
    for (const request of ['https://evil.example/', '//evil.example', 'x\r\nSet-Cookie: a=b']) {
      const response = await submit(server.person(), { request })
      expect({ status: response.status, location: response.headers.get('location') }).toEqual({
        status: 400,
        location: null,
      })
    }
  })
})

describe('SECURITY 28: signing out', () => {
  test('needs the form: a link or another site cannot', async () => {
    const { person } = await atConsent()
    expect((await person.submit('/sign-out', {})).status).toBe(403)
    expect(await (await person.open('/sign-out')).text()).toContain('Sign out?')
    expect(await (await person.open('/account')).text()).toContain(admin.email)
  })

  test('to switch the account goes on with the request, whatever it is said to be', async () => {
    const send = (request_id: string) => server.person().submit('/switch-account', { request_id })
    expect((await send('req_1')).headers.get('location')).toBe('/sign-in?request=req_1')
    // A line feed or a letter beyond Latin-1 in a header's value was a fault of ours: 500.
    for (const odd of ['a\r\nSet-Cookie: x=1', '漢', 'a&b=c', '#']) {
      const response = await send(odd)
      expect(response.status).toBe(303)
      expect(response.headers.get('location')).toBe(`/sign-in?request=${encodeURIComponent(odd)}`)
    }
  })
})

describe('a page', () => {
  test('that decides cannot be framed, cached, or followed', async () => {
    const { page } = await atConsent()
    expect(page.headers.get('x-frame-options')).toBe('DENY')
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('of consent says who asks, for what, and where the answer goes', async () => {
    const { html } = await atConsent()
    for (const said of ['Test client', '127.0.0.1:9999', 'Start jobs for you', 'See the jobs']) {
      expect(html).toContain(said)
    }
  })

  test('of consent shows what a client said of itself as text', async () => {
    const hostile = '<script>alert(1)</script>" onmouseover="x'
    const named = await register(server, { client_name: hostile })
    const person = server.person()
    const asked = await person.open(
      authorizationUrl(server, named.client_id, { login_hint: hostile }),
    )
    const html = await (await person.open(asked.headers.get('location') ?? '')).text()
    expect(html).not.toContain('<script>')
    expect(html).not.toContain('" onmouseover')
  })

  test('of a request opens in the browser that made it, and in no other', async () => {
    const asked = await server.person().open(authorizationUrl(server, clientId))
    const path = asked.headers.get('location') ?? ''
    expect((await server.person().open(path)).status).toBe(400)
    const consent = path.replace('/sign-in', '/consent')
    expect((await (await atConsent()).person.open(consent)).status).toBe(400)
  })
})

test('over https the cookies are Secure and for this host alone', async () => {
  const safe = await startTestServer({ issuer: 'https://auth.example.com' })
  try {
    const response = await fetch(`${safe.url}/sign-in`)
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^__Host-grantlog-browser=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure$/,
    )
  } finally {
    await safe.stop()
  }
})
