/** What a device has already, beside what is new: the page says which, to whom it can be known. */
import {
  decideOn,
  deviceCodeGrant,
  signInForDevice,
  startDevice,
  typeCode,
} from '../support/device.ts'
import { post, type Registered, register, type Tokens } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

function television(method: 'client_secret_post' | 'none'): Promise<Registered> {
  return register(server, {
    client_name: 'Television',
    grant_types: [deviceCodeGrant, 'refresh_token'],
    redirect_uris: undefined,
    token_endpoint_auth_method: method,
  })
}

type Person = ReturnType<TestServer['person']>

/** The page on which the person decides about this scope. */
async function pageFor(client: Registered, scope: string, person: Person = server.person()) {
  const { client_secret } = client
  const proof = client_secret === undefined ? {} : { client_secret }
  const device = await startDevice(server, client, { scope, ...proof })
  const page = await person.open('/device')
  const form = page.status === 200 ? await page.text() : await signInForDevice(person)
  const html = await (await typeCode(person, form, device.user_code)).text()
  return { html, person, device }
}

/** The scopes below a heading of the page, as it shows them. */
function scopesBelow(html: string, heading: string): string[] {
  const part = html.split(`>${heading}</h2>`)[1]?.split('</ul>')[0] ?? ''
  return [...part.matchAll(/<code>(?:<bdi>)?([^<]+)/g)].map(([, scope = '']) => scope)
}

async function connected(client: Registered, scope: string) {
  const { html, person } = await pageFor(client, scope)
  await decideOn(person, html, 'approve')
  return person
}

describe('the page of a device', () => {
  test('says what is new and what is allowed already, to a client that proves who it is', async () => {
    const client = await television('client_secret_post')
    const person = await connected(client, 'read')
    const { html } = await pageFor(client, 'book read', person)
    expect(scopesBelow(html, 'New')).toEqual(['book'])
    expect(scopesBelow(html, 'Already allowed')).toEqual(['read'])
  })

  test('says neither at first, and neither where nothing is new', async () => {
    const client = await television('client_secret_post')
    const first = await pageFor(client, 'book read')
    expect(first.html).not.toMatch(/Already allowed|>New</)
    await decideOn(first.person, first.html, 'approve')
    const again = await pageFor(client, 'read', first.person)
    expect(again.html).not.toMatch(/Already allowed|>New</)
  })

  test('says nothing of it for an id that anybody can use, or to another person', async () => {
    const shared = await television('none')
    const person = await connected(shared, 'read')
    const page = await pageFor(shared, 'book read', person)
    expect(page.html).not.toContain('Already allowed')
  })

  test('counts a consent no more that was taken back, or has ended', async () => {
    const client = await television('client_secret_post')
    const { html, person, device } = await pageFor(client, 'read')
    await decideOn(person, html, 'approve')
    const { client_id, client_secret = '' } = client
    const proof = { client_id, client_secret }
    const { device_code } = device
    const form = { grant_type: deviceCodeGrant, device_code, ...proof }
    const { body } = await post<Tokens>(server, '/oauth/token', { form })
    expect((await pageFor(client, 'book read', person)).html).toContain('Already allowed')
    await fetch(`${server.url}/oauth/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: body.refresh_token, ...proof }).toString(),
    })
    expect((await pageFor(client, 'book read', person)).html).not.toContain('Already allowed')
  })
})
