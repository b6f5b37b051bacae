/**
 * What a person chooses from is what the resource says at that time: it is told who asks, and what
 * it does not offer is never granted.
 *
 * @see [RFC 9396 §11.4 - Displaying Authorization Details to the User](https://www.rfc-editor.org/rfc/rfc9396.html#section-11.4)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { fetchedSafe } from '../support/detail-types.ts'
import {
  authorizationUrl,
  eventsOf,
  newPkce,
  type Registered,
  redeem,
  register,
} from '../support/oauth-client.ts'
import { OperatorApp } from '../support/operator-app.ts'
import { type OptionServer, startOptionServer } from '../support/option-server.ts'
import { admin, freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'
import { startTwoHosts } from '../support/two-hosts.ts'

const safes = [
  { value: 'family', label: 'The family’s' },
  { value: 'work', label: 'The one at work' },
]

let vault: OptionServer
let server: TestServer
let resource: string
let client: Registered
let person: ReturnType<TestServer['person']>
beforeAll(async () => {
  vault = await startOptionServer()
  const port = await freePort()
  resource = `http://localhost:${port}/vault`
  const required = { ...fetchedSafe(vault.url), resource }
  const optional = { ...fetchedSafe(vault.url, { required: false }), type: 'maybe' }
  server = await startTestServer({
    port,
    subjectType: 'pairwise',
    outbound: { allowedHosts: [vault.host] },
    resources: [{ resource, name: 'Vault', scopes: { read: 'Read' } }],
    authorizationDetailTypes: [required, optional],
  })
  client = await register(server)
  person = server.person()
  await person.answer(authorizationUrl(server, client.client_id))
})
afterAll(async () => {
  await server.stop()
  await vault.stop()
})
beforeEach(() => {
  vault.believe(server.url, resource)
  vault.answer(safes)
  vault.heard.length = 0
})

/** The consent page for a detail of this type, whose form can be sent. */
async function ask(type = 'safe') {
  const pkce = newPkce()
  const url = authorizationUrl(server, client.client_id, {
    code_challenge: pkce.challenge,
    authorization_details: JSON.stringify([{ type }]),
    prompt: 'consent',
  })
  const consentUrl = (await person.open(url)).headers.get('location') ?? ''
  const html = await (await person.open(consentUrl)).text()
  const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  const send = async (choice: string | undefined, decision = 'approve') => {
    const chosen = choice === undefined ? {} : { 'choice-0-safe': choice }
    const fields = { ...hiddenFields(form), ...chosen, decision }
    const response = await person.submit('/consent', fields)
    return new URL(response.headers.get('location') ?? '', server.url)
  }
  return { html, form, send, pkce, consentUrl }
}

async function grants(): Promise<number> {
  return (await eventsOf(server, 'GrantApproved')).length
}

describe('the resource', () => {
  test('learns for whom and for which client, and the person is called there as in its tokens', async () => {
    const { send, pkce } = await ask()
    const [asked] = vault.heard
    expect(asked?.client_id).toBe(client.client_id)
    expect((asked?.exp ?? 0) - (asked?.iat ?? 0)).toBeLessThanOrEqual(60)
    const code = (await send('work')).searchParams.get('code') ?? ''
    const { body } = await redeem(server, { client, code, pkce })
    expect(body).toMatchObject({ authorization_details: [{ type: 'safe', safe: 'work' }] })
    const check = await fetch(`${server.url}/api/whoami`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    })
    const { sub } = (await check.json()) as { sub?: string }
    expect(asked?.sub).toBe(sub)
    expect(asked?.sub).not.toMatch(/^usr_/)
  })

  test('that is none of ours is named by the origin of its URL', async () => {
    vault.believe(server.url, vault.origin)
    await ask('maybe')
    expect(vault.heard.map(({ aud }) => aud)).toEqual([vault.origin])
  })

  test('is asked with a word that opens nothing here', async () => {
    let word = ''
    vault.answer((request: { headers: Record<string, string> }, response: { end(): void }) => {
      word = request.headers.authorization ?? ''
      response.end()
    })
    await ask()
    expect(word).toMatch(/^Bearer ey/)
    for (const path of ['/api/whoami', '/oauth/userinfo']) {
      const { status } = await fetch(server.url + path, { headers: { authorization: word } })
      expect([path, status]).toEqual([path, 401])
    }
  })
})

describe('a person', () => {
  test('sees what the resource offers, many or one, and its words as words', async () => {
    const hostile = '<b>x</b>\u202e"><script>alert(1)</script>'
    vault.answer([
      ...safes,
      { value: '"><script>', label: hostile },
      { value: '__proto__', label: 'P' },
    ])
    const { html, form } = await ask()
    expect(form).toContain('The one at work')
    expect(form.match(/<option /g)?.length).toBe(5)
    expect(html).not.toMatch(/<b>x|<script|\u202e/)
    expect(form).not.toContain(' selected')
    vault.answer(safes.slice(0, 1))
    expect((await ask()).form).toMatch(/value="family" selected/)
    expect((await ask('maybe')).form).not.toContain(' selected')
  })

  test('chooses a value that is a word of the language, if it is on offer', async () => {
    vault.answer([{ value: '__proto__', label: 'P' }])
    const { send } = await ask()
    expect((await send('__proto__')).searchParams.has('code')).toBe(true)
    const last = (await eventsOf(server, 'GrantApproved')).at(-1)?.payload
    expect(JSON.stringify(last)).toContain('"safe":"__proto__"')
  })

  test.each([
    ['was never on offer', 'neighbour'],
    ['is a word of the language', 'constructor'],
    ['is empty', ''],
    ['is missing', undefined],
  ])('is asked anew after a choice that %s, and nothing is granted', async (_, choice) => {
    const before = await grants()
    const { send } = await ask()
    expect((await send(choice)).pathname).toBe('/consent')
    expect(await grants()).toBe(before)
  })

  test('is asked anew when the resource has withdrawn meanwhile what was chosen', async () => {
    const before = await grants()
    const { send } = await ask()
    vault.answer(safes.slice(0, 1))
    expect((await send('work')).pathname).toBe('/consent')
    expect(await grants()).toBe(before)
    expect((await send('family')).searchParams.has('code')).toBe(true)
  })

  test('is asked anew when the resource cannot say any more whether it is there', async () => {
    const before = await grants()
    const { send } = await ask()
    vault.answer({ not: 'a list' })
    expect((await send('work')).pathname).toBe('/consent')
    expect(await grants()).toBe(before)
  })

  test('needs nobody’s answer to deny', async () => {
    const { send } = await ask()
    vault.answer({ not: 'a list' })
    vault.heard.length = 0
    expect((await send(undefined, 'deny')).searchParams.get('error')).toBe('access_denied')
    expect(vault.heard).toEqual([])
  })
})

describe('where there is nothing to choose from', () => {
  const entries = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ value: `v${index}`, label: 'x' }))
  const status =
    (code: number, headers = {}) =>
    (_: unknown, response: { writeHead(c: number, h: object): { end(): void } }) =>
      response.writeHead(code, headers).end()
  const wrong: [what: string, answer: unknown][] = [
    ['an error', status(500)],
    ['a redirect', status(302, { location: 'https://elsewhere.example/' })],
    ['no JSON', (_: unknown, response: { end(text: string): void }) => response.end('<html>')],
    ['no list', { value: 'a', label: 'b' }],
    ['an entry without a label', [{ value: 'a' }]],
    ['an empty label', [{ value: 'a', label: '' }]],
    ['a label that is too long', [{ value: 'a', label: 'x'.repeat(201) }]],
    ['a value that is no text', [{ value: 1, label: 'x' }]],
    ['a value that is too long', [{ value: 'x'.repeat(201), label: 'x' }]],
    ['a value with a line break', [{ value: 'a\nb', label: 'x' }]],
    ['the same value twice', [...safes, ...safes]],
    ['over 200 entries', entries(201)],
    ['more than a page can hold', entries(1).map((e) => ({ ...e, more: 'x'.repeat(20_000) }))],
    ['nothing while a person waits', () => {}],
  ]
  test.each(wrong)(
    'because it answered %s: the page says so, and offers no approval',
    async (_, answer) => {
      const before = await grants()
      vault.answer(answer)
      const { html, form, send, consentUrl } = await ask()
      expect(html).toContain('cannot be had at the moment')
      expect(html).toContain(`<a href="${consentUrl}">Try again</a>`)
      expect(form).not.toContain('value="approve"')
      expect(form).toContain('value="deny"')
      vault.answer(safes)
      expect((await send(undefined)).pathname).toBe('/consent')
      expect(await grants()).toBe(before)
      expect(await (await person.open(consentUrl)).text()).toContain('The one at work')
    },
    20_000,
  )

  test('a person may go on without what need not be chosen', async () => {
    vault.believe(server.url, vault.origin)
    vault.answer('nonsense')
    const { html, send } = await ask('maybe')
    expect(html).toContain('You can go on without it.')
    expect((await send(undefined)).searchParams.has('code')).toBe(true)
    const last = (await eventsOf(server, 'GrantApproved')).at(-1)?.payload
    expect(last).not.toHaveProperty('authorizationDetails')
  })

  test('a person who has nothing there is told so', async () => {
    vault.answer([])
    const { html, form, send } = await ask()
    expect(html).toContain('There is nothing to choose from.')
    expect(form).not.toContain('value="approve"')
    expect((await send('family')).pathname).toBe('/consent')
  })

  test('the log says why, and neither the page nor the log whose word was sent', async () => {
    vault.answer(status(503))
    const { html } = await ask()
    expect(html).not.toContain('503')
    expect(server.logged()).toContain('status 503')
    expect(server.logged()).not.toContain('Bearer ey')
  })
})

test('two hundred options with long names are a small page still', async () => {
  vault.answer(
    Array.from({ length: 200 }, (_, index) => ({
      value: `safe-${index}`,
      label: `The safe number ${index} of somebody`,
    })),
  )
  const { html } = await ask()
  expect(html.match(/<option /g)?.length).toBe(201)
  expect(new TextEncoder().encode(html).length).toBeLessThan(30 * 1024)
})

test('a resource on a private network is asked only where the operator allowed it', async () => {
  const closed = await startTestServer({
    authorizationDetailTypes: [{ ...fetchedSafe(vault.url), always: true }],
  })
  const { client_id } = await register(closed)
  vault.believe(closed.url, vault.origin)
  const guest = closed.person(admin)
  await guest.open(authorizationUrl(closed, client_id))
  const refused = guest.answer(authorizationUrl(closed, client_id))
  expect((await refused.catch(String)).toString()).toContain('lead nowhere')
  expect(vault.heard).toEqual([])
  expect(closed.logged()).toContain('scheme http:')
  await closed.stop()
})

test('an operator’s own page learns that nobody was asked, and accepts only what was on offer', async () => {
  const hosts = await startTwoHosts({
    interactionUrl: 'http://localhost:1/connect',
    outbound: { allowedHosts: [vault.host] },
    authorizationDetailTypes: [{ ...fetchedSafe(vault.url), always: true }],
  })
  vault.believe(hosts.url, vault.origin)
  const app = new OperatorApp({
    ...{ issuer: hosts.url, apiUrl: hosts.api.url },
    privateKey: hosts.privateKey,
  })
  const { client_id } = await register(hosts.api)
  const here = await app.arrive(authorizationUrl(hosts, client_id))
  const choiceFor = async (person = {}) => {
    const { body } = await app.ask(here, person)
    return { shown: body.shown, ...body.authorization_details[0].choices[0] }
  }
  expect(await choiceFor()).toMatchObject({ options: {}, unreachable: true })
  expect(vault.heard).toEqual([])
  const ada = { sub: 'ada' }
  vault.answer('nonsense')
  expect(await choiceFor(ada)).toMatchObject({ options: {}, unreachable: true })
  vault.answer(safes)
  const { shown, field, unreachable } = await choiceFor(ada)
  expect(unreachable).toBe(false)
  // Nobody has an account here yet, so the front's own name for her is all there is.
  expect(vault.heard[0]).toMatchObject({ front_sub: 'ada', client_id })
  expect(vault.heard[0]).not.toHaveProperty('sub')
  for (const choices of [{}, { [field]: 'neighbour' }]) {
    const { status, body } = await app.accept(here, { ...ada, shown, choices })
    expect([status, body.error]).toEqual([409, 'consent_required'])
  }
  expect(await eventsOf(hosts.api, 'UserRegistered')).toHaveLength(1)
  const accepted = await app.accept(here, { ...ada, shown, choices: { [field]: 'work' } })
  expect(new URL(accepted.body.redirect_to).searchParams.has('code')).toBe(true)
  await app.ask(await app.arrive(authorizationUrl(hosts, client_id)), ada)
  expect(vault.heard.at(-1)).toMatchObject({ sub: expect.stringMatching(/^usr_/) })
  await hosts.stop()
})
