/**
 * The pages of API tokens, as a browser without scripts meets them.
 *
 * @see [RFC 6750 §5.3 - Summary of Recommendations](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.3)
 */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import type { GivenSettings } from '../../src/config/settings.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { call, managingToken } from '../support/api-tokens.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterEach, describe, expect, test } from '../support/test.ts'

const grace = { email: 'grace@example.com', password: 'nanoseconds are this long' }
const path = '/developers/keys'

let server: TestServer
afterEach(() => server.stop())

async function serve(settings: GivenSettings = {}): Promise<DemoPerson> {
  server = await startTestServer(settings)
  return signedIn()
}

async function signedIn(credentials = admin): Promise<DemoPerson> {
  const person = server.person(credentials)
  const form = hiddenFields(await (await person.open('/sign-in')).text())
  await person.submit('/sign-in', { ...form, ...credentials })
  return person
}

async function textAt(person: DemoPerson, at: string): Promise<string> {
  return (await person.open(at)).text()
}

/** What a browser would send of the new token's form. */
async function create(person: DemoPerson, fields: Record<string, string> = {}): Promise<Response> {
  const resource = encodeURIComponent(`${server.url}/api/mcp`)
  const form = hiddenFields(await textAt(person, `${path}/new?resource=${resource}`))
  return person.submit(path, {
    ...form,
    ...{ name: 'Laptop', description: '', scope: 'read', expires_in: '604800' },
    ...fields,
  })
}

function tokenIn(html: string): string | undefined {
  return /glt_live_[A-Za-z0-9_-]{49}/.exec(html)?.[0]
}

async function isGood(token: string | undefined): Promise<boolean> {
  return (await call(server, '/api/whoami', { token })).status === 200
}

describe('a person makes an API token', () => {
  test('which is shown once, on the page that the form leads to, and never in an address', async () => {
    const person = await serve()
    const made = await create(person)
    const location = made.headers.get('location') ?? ''
    expect([made.status, location]).toEqual([303, expect.stringMatching(/keys\/tok_[0-9a-f]+$/)])
    const shown = await person.open(location)
    expect(shown.headers.get('cache-control')).toBe('no-store')
    expect(shown.headers.get('content-security-policy')).toContain("script-src 'self'")
    const html = await shown.text()
    const token = tokenIn(html)
    expect(await isGood(token)).toBe(true)
    expect(html).toContain('claude mcp add')
    const again = await person.open(location)
    expect(again.headers.get('content-security-policy')).not.toContain('script-src')
    expect(tokenIn(await again.text())).toBeUndefined()
    const list = await textAt(person, path)
    expect(list).toContain(`_…${token?.slice(-4)}`)
    expect(tokenIn(list)).toBeUndefined()
  })

  test('which another session of the same person is not shown', async () => {
    const person = await serve()
    const location = (await create(person)).headers.get('location') ?? ''
    const elsewhere = await signedIn()
    expect(tokenIn(await textAt(elsewhere, location))).toBeUndefined()
    expect(tokenIn(await textAt(person, location))).toBeDefined()
  })

  test('and is told what is missing, with what was typed kept', async () => {
    const person = await serve()
    for (const [fields, words] of [
      [{ name: ' ', description: 'Kept' }, 'Give the token a name'],
      [{ scope: 'openid', description: 'Kept' }, 'You may not give all of this'],
      [{ expires_in: '9999999999', description: 'Kept' }, 'may not live for so long'],
    ] as const) {
      const refused = await create(person, fields)
      const html = await refused.text()
      expect([refused.status, html.includes('value="Kept"')]).toEqual([400, true])
      expect(html).toContain(words)
    }
    expect(await textAt(person, path)).toContain('You have no API token')
  })

  test('by a form of this session alone', async () => {
    const person = await serve()
    const refused = await create(person, { csrf: 'x' })
    expect([refused.status, (await refused.text()).includes('open for too long')]).toEqual([
      ...[400, true],
    ])
  })

  test('after signing in, and where the operator has them at all', async () => {
    const person = await serve()
    const stranger = await fetch(server.url + path, { redirect: 'manual' })
    expect(stranger.headers.get('location')).toBe('/sign-in?next=/developers/keys')
    server.services.settings.apiTokens.enabled = false
    expect((await person.open(path)).status).toBe(404)
    expect(await textAt(person, '/account')).not.toContain(path)
  })

  test('for one of several resources, which is chosen first', async () => {
    const scopes = { 'files:read': 'Read your files' }
    const person = await serve({
      auditByToken: false,
      resources: [
        { resource: '/api/mcp', name: 'Jobs', scopes: { read: 'See jobs' } },
        { resource: 'https://files.example', name: 'Files', scopes },
      ],
    })
    const choice = await textAt(person, `${path}/new`)
    expect(choice).toContain('?resource=https%3A%2F%2Ffiles.example')
    const form = await textAt(person, `${path}/new?resource=https%3A%2F%2Ffiles.example`)
    expect([form.includes('Read your files'), form.includes('See jobs')]).toEqual([true, false])
  })
})

describe('a person looks after an API token', () => {
  async function make(person: DemoPerson) {
    const location = (await create(person)).headers.get('location') ?? ''
    const html = await textAt(person, location)
    return { location, html, token: tokenIn(html) }
  }

  test('renews it: the old one works no longer, or for as long as was chosen', async () => {
    const person = await serve()
    const { location, html, token } = await make(person)
    const form = hiddenFields(html)
    const chosen = { ...form, expires_in: '0', overlap: '3600' }
    const renewed = await person.submit(`${location}/regenerate`, chosen)
    expect([renewed.status, renewed.headers.get('location')]).toEqual([303, location])
    const next = await textAt(person, location)
    expect([await isGood(token), await isGood(tokenIn(next))]).toEqual([true, true])
    // Sent twice: the second would have ended what the first one showed.
    const twice = await person.submit(`${location}/regenerate`, chosen)
    expect([twice.status, (await twice.text()).includes('changed meanwhile')]).toEqual([400, true])
    const atOnce = { ...hiddenFields(next), overlap: '0' }
    await person.submit(`${location}/regenerate`, atOnce)
    const last = tokenIn(await textAt(person, location))
    const all = [token, tokenIn(next), last].map(isGood)
    expect(await Promise.all(all)).toEqual([false, false, true])
  })

  test('deletes it, and the same form again leads to the list', async () => {
    const person = await serve()
    const { location, html, token } = await make(person)
    for (let sent = 0; sent < 2; sent += 1) {
      const deleted = await person.submit(`${location}/delete`, hiddenFields(html))
      expect([deleted.status, deleted.headers.get('location')]).toEqual([303, path])
    }
    expect([await isGood(token), (await person.open(location)).status]).toEqual([false, 404])
  })

  test('and at no one else’s: there is none', async () => {
    const person = await serve()
    const { location, html, token } = await make(person)
    await registerUser(server.services, { ...grace, name: 'Grace', admin: false, actor: 'cli' })
    const other = await signedIn(grace)
    expect((await other.open(location)).status).toBe(404)
    await other.submit(`${location}/delete`, hiddenFields(html))
    expect(await isGood(token)).toBe(true)
  })

  test('reads that it had leaked, on the account page too, until that is acknowledged', async () => {
    const person = await serve()
    const { location, token } = await make(person)
    await call(server, '/api/tokens/leaked', { method: 'POST', body: [{ token }] })
    for (const page of ['/account', path, location]) {
      expect(await textAt(person, page)).toContain('was found in public')
    }
    const form = hiddenFields(await textAt(person, location))
    await person.submit(`${location}/acknowledge`, form)
    expect(await textAt(person, '/account')).not.toContain('was found in public')
    expect((await person.open(location)).status).toBe(404)
  })

  test('one an account, shown again: the page is that token’s, and shows it each time', async () => {
    const person = await serve({ apiTokens: { perAccount: 1, reshow: true } })
    const { location, token } = await make(person)
    expect((await person.open(path)).headers.get('location')).toBe(location)
    const shown = () => eventsOf(server, 'ApiTokenShown')
    // When it was made is in the log already.
    expect((await shown()).length).toBe(0)
    expect(tokenIn(await textAt(person, location))).toBe(token)
    expect((await shown()).map(({ actor, payload }) => [actor, payload.generation])).toEqual([
      [expect.stringMatching(/^user:usr_/), 1],
    ])
    const manager = await managingToken(server, person)
    const id = location.split('/').at(-1)
    const told = await call(server, `/api/tokens/${id}`, { token: manager })
    expect([told.body.token === token, (await shown()).length]).toEqual([true, 2])
    expect((await shown()).at(-1)?.actor).toStartWith('client:')
    expect((await create(person)).status).toBe(400)
  })
})
