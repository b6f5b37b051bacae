/**
 * A client that asks for more than it has: a new grant over both, and nothing taken away.
 * @see [RFC 6750 §3.1 - Error Codes](https://www.rfc-editor.org/rfc/rfc6750.html#section-3.1)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { execute } from '../../src/domain/execute.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import {
  type AskedFor,
  authorizationUrl,
  basic,
  connect,
  eventsOf,
  isLive,
  newPkce,
  post,
  type Registered,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { redeemAs } from '../support/web-client.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

type Person = ReturnType<TestServer['person']>

/** A client with an id and a secret of its own, and the tokens that this person lets it have. */
async function connected(person: Person, asked: AskedFor) {
  const client = await register(server, { token_endpoint_auth_method: 'client_secret_basic' })
  return { client, tokens: (await allow(person, client, asked)).body }
}

async function allow(person: Person, client: Registered, asked: AskedFor) {
  const pkce = newPkce()
  const url = authorizationUrl(server, client.client_id, {
    code_challenge: pkce.challenge,
    ...asked,
  })
  const code = (await person.answer(url)).searchParams.get('code') ?? ''
  return redeemAs(server, client, { code, pkce })
}

async function approvals() {
  const events = await eventsOf(server, 'GrantApproved')
  return events.map(
    ({ payload }) => payload as { grantId: string; addsTo?: string; access: unknown },
  )
}

/** The consent page of this request, as its person sees it. */
async function consentPageOf(person: Person, client: Registered, asked: AskedFor) {
  const response = await person.open(authorizationUrl(server, client.client_id, asked))
  return (await person.open(response.headers.get('location') ?? '')).text()
}

function formOf(html: string) {
  return hiddenFields(html.split('<form').find((part) => part.includes('name="decision"')) ?? '')
}

/** The sentences under a heading of the page. */
function under(html: string, title: string): string {
  return html.split(`>${title}</h2>`)[1]?.split('</section>')[0] ?? ''
}

describe('a client that asks for more', () => {
  test('gets the union, by a new grant that names the older one, whose tokens stay good', async () => {
    const person = server.person()
    const { client, tokens } = await connected(person, { scope: 'read' })
    const before = (await approvals()).at(-1)
    const wider = await allow(person, client, { scope: 'book' })
    expect(wider.body.scope).toBe('book read')
    expect((await approvals()).at(-1)?.addsTo).toBe(before?.grantId ?? '')
    expect(await isLive(server, tokens.access_token)).toBe(true)
    const renewed = await post(server, '/oauth/token', {
      form: { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
      headers: { authorization: basic(client.client_id, client.client_secret ?? '') },
    })
    expect([renewed.status, renewed.body.scope]).toEqual([200, 'read'])
  })

  test('shows the person what is new and what was allowed before', async () => {
    const person = server.person()
    const { client } = await connected(person, { scope: 'read' })
    const html = await consentPageOf(person, client, { scope: 'book read' })
    expect(html).toContain('asks for more access to')
    expect(under(html, 'New')).toContain('Start jobs for you')
    expect(under(html, 'New')).not.toContain('See the jobs')
    expect(under(html, 'Already allowed')).toContain('See the jobs')
    expect(under(html, 'Already allowed')).not.toContain('Start jobs for you')
  })

  test('gets nothing of it when the person denies, and keeps what it has', async () => {
    const person = server.person()
    const { client, tokens } = await connected(person, { scope: 'read' })
    const count = (await approvals()).length
    const back = await person.answer(
      authorizationUrl(server, client.client_id, { scope: 'book' }),
      'deny',
    )
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect((await approvals()).length).toBe(count)
    expect(await isLive(server, tokens.access_token)).toBe(true)
  })
})

describe('no grant is added to', () => {
  test('when the client asks for no more than it has: it gets what it asks for', async () => {
    const person = server.person()
    const { client } = await connected(person, { scope: 'book read' })
    const html = await consentPageOf(person, client, { scope: 'read' })
    expect([under(html, 'Already allowed'), under(html, 'It will be able to')]).toEqual([
      '',
      expect.stringContaining('See the jobs'),
    ])
    await person.submit('/consent', { ...formOf(html), decision: 'approve' })
    const last = (await approvals()).at(-1)
    expect(last?.access).toMatchObject([{ scopes: ['read'] }])
    expect(last?.addsTo).toBeUndefined()
  })

  test('when it is for another resource alone', async () => {
    const person = server.person()
    const { client } = await connected(person, { scope: 'read' })
    await person.answer(authorizationUrl(server, client.client_id, { scope: 'audit:read' }))
    const last = (await approvals()).at(-1)
    expect(last?.access).toMatchObject([{ scopes: ['audit:read'] }])
    expect(last?.addsTo).toBeUndefined()
  })

  test('under an id that every installation of a public client has: it gets what it asks for', async () => {
    const person = server.person()
    const { client } = await connect(server, { scope: 'read' }, person)
    await person.answer(authorizationUrl(server, client.client_id, { scope: 'book' }))
    const last = (await approvals()).at(-1)
    expect(last?.access).toMatchObject([{ scopes: ['book'] }])
    expect(last?.addsTo).toBeUndefined()
  })

  test('when it is another client’s', async () => {
    const person = server.person()
    await connected(person, { scope: 'read' })
    await connected(person, { scope: 'book' })
    const last = (await approvals()).at(-1)
    expect(last?.access).toMatchObject([{ scopes: ['book'] }])
    expect(last?.addsTo).toBeUndefined()
  })
})

describe('what is approved is what the page showed', () => {
  test('a page whose older grant has ended meanwhile is shown anew, and gives nothing', async () => {
    const person = server.person()
    const { client } = await connected(person, { scope: 'read' })
    const before = (await approvals()).at(-1)?.grantId ?? ''
    const fields = formOf(await consentPageOf(person, client, { scope: 'book' }))
    const count = (await approvals()).length
    const end = { kind: 'end', reason: 'revoked_by_user', now: Date.now() } as const
    await execute(server.services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(grantDecider, before, end),
    )
    const answer = await person.submit('/consent', { ...fields, decision: 'approve' })
    expect(answer.headers.get('location')).toBe(`/consent?request=${fields.request_id}`)
    expect((await approvals()).length).toBe(count)
    const anew = await (await person.open(answer.headers.get('location') ?? '')).text()
    expect(under(anew, 'Already allowed')).toBe('')
    await person.submit('/consent', { ...formOf(anew), decision: 'approve' })
    expect((await approvals()).at(-1)?.access).toMatchObject([{ scopes: ['book'] }])
  })

  test('a form that says it showed something else gives nothing', async () => {
    const person = server.person()
    const { client } = await connected(person, { scope: 'read' })
    const fields = formOf(await consentPageOf(person, client, { scope: 'book' }))
    const count = (await approvals()).length
    for (const shown of ['', 'x', undefined]) {
      const { shown: _, ...rest } = fields
      const form = { ...rest, ...(shown === undefined ? {} : { shown }), decision: 'approve' }
      const answer = await person.submit('/consent', form)
      expect(answer.headers.get('location')).toBe(`/consent?request=${fields.request_id}`)
    }
    expect((await approvals()).length).toBe(count)
  })
})
