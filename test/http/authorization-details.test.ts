/**
 * @see [RFC 9396 §5 - Authorization Error Response](https://www.rfc-editor.org/rfc/rfc9396.html#section-5)
 * @see [RFC 9396 §7 - Token Response](https://www.rfc-editor.org/rfc/rfc9396.html#section-7)
 */
import { decodeJwt } from 'jose'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { dinner, payment, safe } from '../support/detail-types.ts'
import {
  authorizationUrl,
  basic,
  eventsOf,
  newPkce,
  post,
  type Registered,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { push } from '../support/pushed-request.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { addWebClient, redeemAs } from '../support/web-client.ts'

type WithDetails = Tokens & { authorization_details?: unknown; error?: string }
type Choices = Record<string, string>

let server: TestServer
let opaque: string
let jwt: string
beforeAll(async () => {
  const port = await freePort()
  opaque = `http://localhost:${port}/api/mcp`
  jwt = `http://localhost:${port}/api/jwt`
  const scopes = { read: 'Read' }
  server = await startTestServer({
    port,
    resources: [
      { resource: opaque, name: 'Opaque', scopes },
      { resource: jwt, name: 'Self-contained', scopes, accessTokenFormat: 'jwt' },
    ],
    authorizationDetailTypes: [payment, safe, { ...payment, type: 'only-jwt', resource: jwt }],
  })
})
afterAll(() => server.stop())

function newClient(metadata = {}): Promise<Registered> {
  return register(server, { token_endpoint_auth_method: 'client_secret_basic', ...metadata })
}

/** What the client is told by redirect when it asks for this. */
async function refusalOf(
  details: unknown,
  { client, ...more }: { client?: Registered; resource?: string } = {},
) {
  const { client_id } = client ?? (await newClient())
  const text = typeof details === 'string' ? details : JSON.stringify(details)
  const url = authorizationUrl(server, client_id, { authorization_details: text, ...more })
  const response = await fetch(url, { redirect: 'manual' })
  return new URL(response.headers.get('location') ?? '', server.url).searchParams.get('error')
}

interface Asked {
  readonly details?: unknown
  readonly choices?: Choices
  readonly resource?: string | string[]
  readonly person?: ReturnType<TestServer['person']>
}

/** A person answers on the page, with these choices. */
async function allow(
  client: Registered,
  { details, choices = {}, resource, person = server.person() }: Asked,
) {
  const pkce = newPkce()
  const url = authorizationUrl(server, client.client_id, {
    code_challenge: pkce.challenge,
    authorization_details: details === undefined ? undefined : JSON.stringify(details),
    resource,
  })
  const html = await pageAt(person, url)
  const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  const fields = { ...hiddenFields(form), ...choices, decision: 'approve' }
  const response = await person.submit('/consent', fields)
  const back = new URL(response.headers.get('location') ?? '', server.url)
  return { html, back, pkce, code: back.searchParams.get('code') ?? '' }
}

async function pageAt(person: ReturnType<TestServer['person']>, url: string): Promise<string> {
  let response = await person.open(url)
  for (
    let location = response.headers.get('location');
    location;
    location = response.headers.get('location')
  ) {
    response = await person.open(location)
  }
  const html = await response.text()
  if (!html.includes('name="password"')) return html
  const signedIn = await person.submit('/sign-in', {
    ...hiddenFields(html),
    email: 'ada@example.com',
    password: 'correct horse battery staple',
  })
  return (await person.open(signedIn.headers.get('location') ?? '')).text()
}

async function tokensFor(client: Registered, asked: Asked): Promise<WithDetails> {
  const allowed = await allow(client, asked)
  return (await redeemAs(server, client, allowed)).body
}

async function refreshed(client: Registered, form: Record<string, string>) {
  const headers = { authorization: basic(client.client_id, client.client_secret ?? '') }
  return post<WithDetails>(server, '/oauth/token', {
    form: { grant_type: 'refresh_token', ...form },
    headers,
  })
}

async function introspected(client: Registered, token: string) {
  const headers = { authorization: basic(client.client_id, client.client_secret ?? '') }
  return (await post(server, '/oauth/introspect', { form: { token }, headers })).body
    .authorization_details
}

describe('the AS MUST refuse', () => {
  test.each<[string, unknown]>([
    ['what is no JSON', '[{'],
    ['an object that is in no array', dinner],
    ['an empty array', []],
    ['something else in the array', ['payment']],
    ['a type that is not known', [{ type: 'unknown' }]],
    ['no type at all', [{ to: 'x', amount: 1 }]],
    ['a type that is no text', [{ ...dinner, type: ['payment'] }]],
    ['a field that the type does not have', [{ ...dinner, extra: 1 }]],
    ['a field of the prototype', '[{"type":"payment","to":"x","amount":1,"__proto__":{"a":1}}]'],
    ['a missing field', [{ type: 'payment', to: 'x' }]],
    ['a number that is text', [{ ...dinner, amount: '120' }]],
    ['more than the most', [{ ...dinner, amount: 1001 }]],
    ['less than nothing', [{ ...dinner, amount: -1 }]],
    ['a text that is too long', [{ ...dinner, to: 'x'.repeat(41) }]],
    ['an empty text', [{ ...dinner, to: '' }]],
    ['a choice that is not on offer', [{ ...dinner, purpose: 'toString' }]],
    ['a list that is none', [{ ...dinner, items: 'wine' }]],
    ['a list that is too long', [{ ...dinner, items: ['a', 'b', 'c', 'd'] }]],
    ['a list that says something twice', [{ ...dinner, items: ['a', 'a'] }]],
    ['a list with an object in it', [{ ...dinner, items: [{}] }]],
    ['over ten at once', Array.from({ length: 11 }, () => dinner)],
    ['what is too long to be read', `[${' '.repeat(9000)}]`],
    ['a choice of the person that is not on offer', [{ type: 'safe', safe: 'neighbour' }]],
  ])('%s', async (_, details) => {
    expect(await refusalOf(details)).toBe('invalid_authorization_details')
  })

  test('a type of a resource that is not asked for', async () => {
    const details = [{ ...dinner, type: 'only-jwt' }]
    expect(await refusalOf(details, { resource: opaque })).toBe('invalid_authorization_details')
    expect(await refusalOf(details, { resource: jwt })).toBe(null)
  })

  test('a type that the client did not register, where it registered some', async () => {
    const client = await newClient({ authorization_details_types: ['safe', 'unknown'] })
    expect(client.authorization_details_types).toEqual(['safe'])
    expect(await refusalOf([dinner], { client })).toBe('invalid_authorization_details')
    expect(await refusalOf([{ type: 'safe' }], { client })).toBe(null)
  })

  test('a pushed request with any of it', async () => {
    const asked = { authorization_details: '[{"type":"unknown"}]' }
    const by = await register(server)
    const { status, body } = await push(server, { by, asked })
    expect([status, body.error]).toEqual([400, 'invalid_authorization_details'])
  })
})

describe('the person', () => {
  test('reads labels, amounts and lists in words, escaped, and no JSON', async () => {
    const details = [
      { ...dinner, to: '<b>Chez</b> "P"', purpose: 'food', items: ['wine', 'bread'] },
    ]
    const { html } = await allow(await newClient(), { details })
    for (const words of [
      'A payment',
      'Paid to',
      '&lt;b>Chez&lt;/b>',
      '120 EUR',
      'Food and drink',
      'wine',
      'bread',
    ]) {
      expect(html).toContain(words)
    }
    expect(html).not.toContain('<b>Chez')
    expect(html).not.toContain('{&quot;')
  })

  test('chooses, and the choice is in what is granted', async () => {
    const client = await newClient()
    const tokens = await tokensFor(client, {
      details: [{ type: 'safe' }],
      choices: { 'choice-0-safe': 'work' },
    })
    expect(tokens.authorization_details).toEqual([{ type: 'safe', safe: 'work' }])
  })

  test.each([
    ['nothing', {}],
    ['an empty choice', { 'choice-0-safe': '' }],
    ['what is not on offer', { 'choice-0-safe': 'neighbour' }],
    ['a word of the language', { 'choice-0-safe': '__proto__' }],
  ])('is asked again after choosing %s, and nothing is granted', async (_, choices) => {
    const client = await newClient()
    const { back } = await allow(client, { details: [{ type: 'safe' }], choices })
    expect(back.pathname).toBe('/consent')
  })

  test('outweighs what the client would have chosen', async () => {
    const client = await newClient()
    const details = [{ type: 'safe', safe: 'family' }]
    const allowed = await allow(client, { details, choices: { 'choice-0-safe': 'work' } })
    expect(allowed.html).toMatch(/value="family" selected/)
    const { body } = await redeemAs(server, client, allowed)
    expect((body as WithDetails).authorization_details).toEqual([{ type: 'safe', safe: 'work' }])
  })
})

describe('what was granted', () => {
  test('is in the token response, in introspection, and survives a refresh', async () => {
    const client = await newClient()
    const tokens = await tokensFor(client, { details: [dinner] })
    expect(tokens.authorization_details).toEqual([dinner])
    expect(await introspected(client, tokens.access_token)).toEqual([dinner])
    const again = await refreshed(client, { refresh_token: tokens.refresh_token })
    expect(again.body.authorization_details).toEqual([dinner])
    expect(await introspected(client, again.body.access_token)).toEqual([dinner])
  })

  test('is a claim of a JWT access token, where the resource wants those', async () => {
    const only = { ...dinner, type: 'only-jwt' }
    const client = await newClient()
    const tokens = await tokensFor(client, { details: [dinner, only], resource: jwt })
    expect(decodeJwt(tokens.access_token).authorization_details).toEqual([dinner, only])
  })

  test('is told to the resource that it is for, and to no other', async () => {
    const only = { ...dinner, type: 'only-jwt' }
    const client = await newClient()
    const tokens = await tokensFor(client, { details: [dinner, only], resource: [opaque, jwt] })
    expect(tokens.authorization_details).toEqual([dinner])
    expect(await introspected(client, tokens.access_token)).toEqual([dinner])
  })

  test('may be narrowed for one token, and never widened', async () => {
    const breakfast = { ...dinner, amount: 20 }
    const client = await newClient()
    const tokens = await tokensFor(client, { details: [dinner, breakfast] })
    const less = JSON.stringify([{ amount: 20, to: dinner.to, type: 'payment' }])
    const narrow = await refreshed(client, {
      refresh_token: tokens.refresh_token,
      authorization_details: less,
    })
    expect(narrow.body.authorization_details).toEqual([breakfast])
    expect(await introspected(client, narrow.body.access_token)).toEqual([breakfast])
    const more = JSON.stringify([{ ...dinner, amount: 121 }])
    const wide = await refreshed(client, {
      refresh_token: narrow.body.refresh_token,
      authorization_details: more,
    })
    expect([wide.status, wide.body.error]).toEqual([400, 'invalid_authorization_details'])
    const whole = await refreshed(client, { refresh_token: narrow.body.refresh_token })
    expect(whole.body.authorization_details).toEqual([dinner, breakfast])
  })

  test('is absent where nothing was asked', async () => {
    const client = await newClient()
    const tokens = await tokensFor(client, {})
    expect(tokens).not.toHaveProperty('authorization_details')
    expect(await introspected(client, tokens.access_token)).toBeUndefined()
  })

  test('is sealed in the log: no event of it can be read without the person’s key', async () => {
    const raw = await server.services.reader.all({
      sql: "SELECT payload FROM events WHERE type = 'GrantApproved'",
      args: [],
    })
    expect(raw.length).toBeGreaterThan(0)
    for (const { payload } of raw) expect(String(payload)).not.toContain('Chez Panisse')
    const approved = await eventsOf(server, 'GrantApproved')
    expect(JSON.stringify(approved)).toContain('Chez Panisse')
  })
})

describe('beside other consents', () => {
  test('the same details are remembered, with the choice; others are asked for', async () => {
    const client = await addWebClient(server)
    const person = server.person()
    const details = [{ type: 'safe' }]
    await allow(client, { details, choices: { 'choice-0-safe': 'work' }, person })
    const ask = async (asked: unknown) => {
      const url = authorizationUrl(server, client.client_id, {
        authorization_details: JSON.stringify(asked),
      })
      return (await person.open(url)).headers.get('location') ?? ''
    }
    expect(new URL(await ask(details)).searchParams.has('code')).toBe(true)
    const last = (await eventsOf(server, 'GrantApproved')).at(-1)?.payload
    expect(last).toMatchObject({
      authorizationDetails: [{ type: 'safe', safe: 'work' }],
      remembered: {},
    })
    expect(await ask([dinner])).toMatch(/^\/consent/)
    expect(await ask([...details, dinner])).toMatch(/^\/consent/)
  })

  test('more is added to what there was; a new word on the same type takes the place of the old', async () => {
    const client = await newClient()
    const person = server.person()
    await tokensFor(client, { details: [dinner], person })
    const added = await allow(client, {
      details: [{ type: 'safe' }],
      choices: { 'choice-0-safe': 'work' },
      person,
    })
    expect(added.html).toContain('(already allowed)')
    const both = (await redeemAs(server, client, added)).body as WithDetails
    expect(both.authorization_details).toEqual([{ type: 'safe', safe: 'work' }, dinner])
    const changed = await tokensFor(client, { details: [{ ...dinner, amount: 5 }], person })
    expect(changed.authorization_details).toEqual([
      { ...dinner, amount: 5 },
      { type: 'safe', safe: 'work' },
    ])
  })
})

test('people are always asked for a type that the settings say so of, and may choose none', async () => {
  const optional = safe.fields.map((field) => ({ ...field, required: false }))
  const asking = await startTestServer({
    authorizationDetailTypes: [{ ...safe, always: true, fields: optional }],
  })
  const { body } = await fetch(`${asking.url}/.well-known/oauth-authorization-server`).then(
    async (r) => ({ body: (await r.json()) as Record<string, unknown> }),
  )
  expect(body.authorization_details_types_supported).toEqual(['safe'])
  const { client_id } = await register(asking)
  const person = asking.person()
  await person.answer(authorizationUrl(asking, client_id))
  const [none] = await eventsOf(asking, 'GrantApproved')
  expect(none?.payload).not.toHaveProperty('authorizationDetails')
  const waiting = await person.open(authorizationUrl(asking, client_id))
  const html = await (await person.open(waiting.headers.get('location') ?? '')).text()
  const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  await person.submit('/consent', {
    ...hiddenFields(form),
    'choice-0-safe': 'family',
    decision: 'approve',
  })
  const last = (await eventsOf(asking, 'GrantApproved')).at(-1)
  expect(last?.payload).toMatchObject({ authorizationDetails: [{ type: 'safe', safe: 'family' }] })
  await asking.stop()
})
