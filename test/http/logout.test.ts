/**
 * Signing out because a client asks for it.
 *
 * @see [OpenID Connect RP-Initiated Logout 1.0 §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout)
 */
import { decodeJwt } from 'jose'
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import {
  authorizationUrl,
  eventsOf,
  newPkce,
  type Registered,
  redeem,
  register,
} from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const afterwards = 'https://app.example.com/left?by=logout'
const bob = { email: 'bob@example.com', password: 'a very long passphrase' }

let now = Date.now()
let server: TestServer
let client: Registered
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  client = await register(server, { post_logout_redirect_uris: [afterwards] })
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
})
afterAll(() => server.stop())

/** Somebody who has signed in for this client, with the ID token that it got. */
async function signedIn(credentials = admin, by = client) {
  const person = server.person(credentials)
  const pkce = newPkce()
  const asked = { scope: 'openid', code_challenge: pkce.challenge }
  const back = await person.answer(authorizationUrl(server, by.client_id, asked))
  const code = back.searchParams.get('code') ?? ''
  const { body } = await redeem(server, { client: by, code, pkce })
  return { person, idToken: body.id_token ?? '' }
}

function query(parameters: Record<string, string>): string {
  return `/oauth/logout?${new URLSearchParams(parameters)}`
}

/** Where the request ends: the last address, and the page if there is one. */
async function follow(person: DemoPerson, first: Promise<Response>) {
  let response = await first
  for (let step = 0; step < 3; step += 1) {
    const location = response.headers.get('location')
    if (location === null || !location.startsWith('/')) break
    response = await person.open(location)
  }
  const location = response.headers.get('location')
  return { status: response.status, location, page: location === null ? await response.text() : '' }
}

const logOut = (person: DemoPerson, parameters: Record<string, string>) =>
  follow(person, person.open(query(parameters)))

async function isSignedIn(person: DemoPerson): Promise<boolean> {
  return (await person.open('/account')).status === 200
}

describe('with an ID token of the person who is signed in', () => {
  test('the person is signed out at once, and goes to the registered address with the state', async () => {
    const { person, idToken } = await signedIn()
    const { location } = await logOut(person, {
      id_token_hint: idToken,
      post_logout_redirect_uri: afterwards,
      state: 'x y',
    })
    expect(location).toBe(`${afterwards}&state=x+y`)
    expect(await isSignedIn(person)).toBe(false)
    expect((await eventsOf(server, 'SessionEnded')).at(-1)?.payload.reason).toBe('signed_out')
  })

  test('also by POST, from the client’s own page, where no cookie of ours goes along', async () => {
    const { person, idToken } = await signedIn()
    const form = { id_token_hint: idToken, post_logout_redirect_uri: afterwards }
    const posted = await fetch(`${server.url}/oauth/logout`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(form),
    })
    const { location } = await follow(person, person.open(posted.headers.get('location') ?? ''))
    expect(location).toBe(afterwards)
    expect(await isSignedIn(person)).toBe(false)
  })

  test('also with one that has expired, with client_id beside it, and on the other paths', async () => {
    for (const prefix of ['/oauth2', '']) {
      const { person, idToken } = await signedIn()
      now += 1.2 * 3_600_000
      const asked = { id_token_hint: idToken, client_id: client.client_id, logout_hint: 'x' }
      const path = query({ ...asked, ui_locales: 'de' }).replace('/oauth', prefix)
      const { status, page } = await follow(person, person.open(path))
      expect([status, page.includes('You are signed out')]).toEqual([200, true])
      expect(await isSignedIn(person)).toBe(false)
    }
  })

  test('the request counts once', async () => {
    const { person, idToken } = await signedIn()
    const asked = await person.open(query({ id_token_hint: idToken }))
    const path = asked.headers.get('location') ?? ''
    await person.open(path)
    expect((await person.open(path)).status).toBe(400)
  })
})

describe('SECURITY 29: without such a token a page asks first', () => {
  test('and signs out, and redirects, when the person says so', async () => {
    const { person } = await signedIn()
    const asked = { client_id: client.client_id, post_logout_redirect_uri: afterwards }
    const { status, page } = await logOut(person, asked)
    expect(status).toBe(200)
    expect(page).toContain('Sign out?')
    expect(page).toContain('app.example.com')
    expect(await isSignedIn(person)).toBe(true)
    const answered = await person.submit('/sign-out', hiddenFields(page))
    expect(answered.status).toBe(303)
    expect(answered.headers.get('location')).toBe(afterwards)
    expect(await isSignedIn(person)).toBe(false)
  })

  test('when the token is somebody else’s', async () => {
    const other = await signedIn(bob)
    const { person } = await signedIn()
    const { page } = await logOut(person, {
      id_token_hint: other.idToken,
      post_logout_redirect_uri: afterwards,
    })
    expect(page).toContain('Sign out?')
    expect(await isSignedIn(person)).toBe(true)
  })

  test('when it is forged, no ID token, or no token at all', async () => {
    const { person, idToken } = await signedIn()
    const [head = '', , signature = ''] = idToken.split('.')
    const claims = { ...decodeJwt(idToken), exp: 9e9 }
    const forged = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
    for (const hint of [forged, 'x', 'x'.repeat(9000), '']) {
      const { page } = await logOut(person, { id_token_hint: hint })
      expect(page).toContain('Sign out?')
    }
    expect(await isSignedIn(person)).toBe(true)
  })

  test('and the form counts from that page alone', async () => {
    const { person } = await signedIn()
    const { page } = await logOut(person, {})
    const refused = await person.submit('/sign-out', { ...hiddenFields(page), csrf: 'x' })
    expect(refused.status).toBe(403)
    const other = await signedIn()
    expect((await other.person.submit('/sign-out', hiddenFields(page))).status).toBe(403)
    expect(await isSignedIn(person)).toBe(true)
  })
})

describe('SECURITY 29: nobody is redirected by a stranger (RFC 9700 §4.11)', () => {
  test('not to an address that is not registered to the letter', async () => {
    const { person, idToken } = await signedIn()
    const wrong = [
      'https://evil.example/',
      `${afterwards}&more=1`,
      afterwards.toUpperCase(),
      'https://app.example.com/left',
      'http://127.0.0.1:9999/callback',
      'javascript:alert(1)',
    ]
    for (const uri of wrong) {
      const asked = { id_token_hint: idToken, post_logout_redirect_uri: uri }
      const { status, location } = await logOut(person, asked)
      expect([uri, status, location]).toEqual([uri, 400, null])
    }
    const noClient = await logOut(person, { post_logout_redirect_uri: afterwards })
    expect(noClient.status).toBe(400)
    expect(await isSignedIn(person)).toBe(true)
  })

  test('not when nobody is signed in, whatever token there is: the address is a link', async () => {
    const { idToken } = await signedIn()
    const { status, location, page } = await logOut(server.person(), {
      id_token_hint: idToken,
      post_logout_redirect_uri: afterwards,
    })
    expect([status, location]).toEqual([200, null])
    expect(page).toContain(`href="${afterwards}"`)
  })

  test('not with a token of one client and the name of another', async () => {
    const other = await register(server, { post_logout_redirect_uris: ['https://evil.example/'] })
    const { person, idToken } = await signedIn()
    const asked = {
      id_token_hint: idToken,
      client_id: other.client_id,
      post_logout_redirect_uri: 'https://evil.example/',
    }
    expect((await logOut(person, asked)).status).toBe(400)
    expect((await logOut(person, { client_id: 'nobody' })).status).toBe(400)
    expect(await isSignedIn(person)).toBe(true)
  })

  test('and what is repeated or too long is refused', async () => {
    const person = server.person()
    const state = { client_id: client.client_id, state: 'x'.repeat(4097) }
    expect((await logOut(person, state)).status).toBe(400)
    const twice = await person.open('/oauth/logout?client_id=a&client_id=b')
    expect(twice.status).toBe(400)
  })
})

describe('a registration', () => {
  test('names the addresses, and gets them back', () => {
    expect(client.post_logout_redirect_uris).toEqual([afterwards])
  })

  test('cannot name one that could not be a redirect URI', async () => {
    for (const uri of ['http://app.example.com/', 'javascript:alert(1)', 'https://a.example/#x']) {
      const refused = await register(server, { post_logout_redirect_uris: [uri] })
      expect(refused.error).toBe('invalid_client_metadata')
    }
  })
})
