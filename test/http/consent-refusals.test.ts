/**
 * A consent that was shown, and what it was shown for has changed before it was answered: nothing
 * is given, the log does not grow, and the person or the client is told how to go on.
 *
 * @see [RFC 6749 §10.2 - Client Impersonation](https://www.rfc-editor.org/rfc/rfc6749.html#section-10.2)
 */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findClient } from '../../src/projections/clients.ts'
import { formsOn } from '../support/form-crawl.ts'
import { authorizationUrl, redirectUri } from '../support/oauth-client.ts'
import { operate } from '../support/operator-client.ts'
import { signInAt } from '../support/second-factor.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { addWebClient } from '../support/web-client.ts'

const bob = { email: 'bob@example.com', password: 'a very long passphrase' }
let now = Date.now()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
})
afterAll(() => server.stop())

interface Shown {
  readonly person: DemoPerson
  readonly clientId: string
  readonly page: string
  readonly fields: Readonly<Record<string, string>>
}

async function shown(): Promise<Shown> {
  const { client_id: clientId } = await addWebClient(server)
  const person = server.person(bob)
  await signInAt(person, '/sign-in', bob)
  const url = authorizationUrl(server, clientId)
  const page = (await person.open(url)).headers.get('location') ?? ''
  const html = await (await person.open(page)).text()
  const form = formsOn(html, page).find(({ action }) => action === '/consent')
  return { person, clientId, page, fields: { ...form?.fields, decision: 'approve' } }
}

async function eventCount(): Promise<number> {
  const sql = 'SELECT count(*) AS n FROM events'
  return Number((await server.services.reader.get({ sql, args: [] }))?.n)
}

/** Posts the form; what came of it, and that nothing was written. */
async function answered({ person, fields }: Shown) {
  const before = await eventCount()
  const response = await person.submit('/consent', { ...fields })
  expect(await eventCount()).toBe(before)
  const to = new URL(response.headers.get('location') ?? '/', server.url)
  return { status: response.status, to, error: to.searchParams.get('error') }
}

async function change(clientId: string, clientName: string, redirectUris = [redirectUri]) {
  const client = await findClient(server.services.reader, clientId)
  if (!client) throw new Error('Cannot change a client that is not there')
  const metadata = { ...client.metadata, clientName, redirectUris }
  const command = { kind: 'change metadata' as const, metadata, contacts: [], now }
  await execute<string>(server.services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
    work.decide(clientDecider, clientId, command),
  )
}

describe('a consent gives nothing', () => {
  test.each(['disable', 'delete'] as const)(
    'after an operator did this to its client: %s; the person is told, and sent nowhere',
    async (what) => {
      const asked = await shown()
      await operate(server.services, asked.clientId, what)
      const { status, to } = await answered(asked)
      expect([status, to.origin]).toEqual([303, server.url])
      const page = await asked.person.open(to.href)
      expect([page.status, (await page.text()).includes('code=')]).toEqual([400, false])
    },
  )

  test('when the client has another name meanwhile: the page is shown anew, with that', async () => {
    const asked = await shown()
    await change(asked.clientId, 'Somebody quite different')
    const { status, to } = await answered(asked)
    expect([status, to.pathname + to.search]).toEqual([303, asked.page])
    const html = await (await asked.person.open(asked.page)).text()
    expect(html).toContain('Somebody quite different')
    const again = formsOn(html, asked.page).find(({ action }) => action === '/consent')
    const fields = { ...again?.fields, decision: 'approve' }
    const given = await asked.person.submit('/consent', fields)
    expect(given.headers.get('location')).toContain('code=')
  })

  test('when the address of the answer was given up meanwhile: it goes nowhere', async () => {
    const asked = await shown()
    await change(asked.clientId, 'Dashboard', ['https://elsewhere.example/callback'])
    const { status, error } = await answered(asked)
    expect([status, error]).toEqual([400, null])
  })

  test('when its person has signed out meanwhile: they sign in first, and see it anew', async () => {
    const asked = await shown()
    const question = await (await asked.person.open('/sign-out')).text()
    const [signOut] = formsOn(question, '/sign-out')
    await asked.person.submit('/sign-out', { ...signOut?.fields })
    const { status, to } = await answered(asked)
    expect([status, to.pathname]).toEqual([303, '/sign-in'])
    const again = await signInAt(asked.person, to.pathname + to.search, bob)
    expect(again.headers.get('location')).toBe(asked.page)
    // The form of the earlier session is none of this one.
    expect((await answered(asked)).status).toBe(403)
  })

  test('when the request has expired: the person is told to start again at the app', async () => {
    const asked = await shown()
    now += 30 * 60 * 1000
    const { status, to } = await answered(asked)
    expect([status, to.pathname]).toEqual([400, '/'])
  })

  test('when it was answered already, in this window or in another', async () => {
    const asked = await shown()
    await asked.person.submit('/consent', { ...asked.fields, decision: 'deny' })
    expect((await answered(asked)).status).toBe(400)
  })
})
