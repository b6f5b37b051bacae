/**
 * The interaction API: the operator's own app signs people in and asks them, the API alone gives
 * codes. What the app says counts for one request, one browser, one time, and for what was shown.
 */
import type { JWTPayload } from 'jose'
import { execute } from '../../src/domain/execute.ts'
import { userDecider } from '../../src/domain/user.ts'
import { accountOfFront } from '../../src/identity/front-person.ts'
import { readFrontKey, signAsFront } from '../../src/protocol/front-key.ts'
import {
  authorizationUrl,
  eventsOf,
  isLive,
  newPkce,
  type Registered,
  redeem,
  redirectUri,
  register,
} from '../support/oauth-client.ts'
import { type Interaction, OperatorApp } from '../support/operator-app.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { newFrontKey, startTwoHosts, type TwoHosts } from '../support/two-hosts.ts'

let hosts: TwoHosts
let app: OperatorApp
let client: Registered
let elapsedMs = 0
const now = () => Date.now() + elapsedMs
beforeAll(async () => {
  const resource = 'https://along.example/mcp/v1'
  const scopes = { 'vault:read': 'Read your Safe', 'vault:write': 'Write to your Safe' }
  const safes = { family: 'Family', work: 'Work' }
  hosts = await startTwoHosts(
    {
      interactionUrl: 'http://localhost:1/connect',
      resources: [
        {
          resource,
          name: 'Along',
          scopes,
          defaultScopes: ['vault:read'],
          whoMay: { 'vault:write': ['ada@along.example'] },
        },
      ],
      authorizationDetailTypes: [
        {
          type: 'safe',
          name: 'A Safe',
          resource,
          fields: [
            { name: 'safe', label: 'Safe', chosenBy: 'person', options: safes, required: true },
          ],
        },
      ],
    },
    { clock: now },
  )
  app = appWith(hosts.privateKey)
  client = await register(hosts.api)
})
afterAll(() => hosts.stop())

function appWith(privateKey: string): OperatorApp {
  return new OperatorApp({ issuer: hosts.url, apiUrl: hosts.api.url, privateKey, now })
}

const ada = { sub: 'along-1', name: 'Ada', email: 'ada@along.example', email_verified: true }
const arrive = (asked: Record<string, string> = {}, cookie?: string) =>
  app.arrive(authorizationUrl(hosts, client.client_id, asked), cookie)

async function ready(person: JWTPayload = ada, asked: Record<string, string> = {}) {
  const interaction = await arrive(asked)
  const { body } = await app.ask(interaction, person)
  return { interaction, claims: { ...person, shown: body.shown as string } }
}

describe('an app of the operator', () => {
  test('is asked for its page, learns what is asked in words, and before it knows the person', async () => {
    const interaction = await arrive({ scope: 'vault:read', login_hint: 'ada', max_age: '60' })
    const { status, body } = await app.ask(interaction)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      interaction: interaction.id,
      client: { client_id: client.client_id, name: 'Test client', redirect_host: '127.0.0.1:9999' },
      sign_in: { login_hint: 'ada', max_age: 60, prompt: [] },
      resources: [
        {
          resource: 'https://along.example/mcp/v1',
          name: 'Along',
          scopes: [{ scope: 'vault:read', description: 'Read your Safe', already: false }],
        },
      ],
    })
    expect(body.shown).toBeUndefined()
  })

  test('signs somebody in whom nobody here knew: an account, a grant, tokens that work', async () => {
    const pkce = newPkce()
    const url = authorizationUrl(hosts, client.client_id, { code_challenge: pkce.challenge })
    const back = await app.answer(url, ada)
    expect(back.searchParams.get('iss')).toBe(hosts.url)
    expect(back.searchParams.get('state')).toBe('a state')
    const code = back.searchParams.get('code') ?? ''
    const { body } = await redeem(hosts.api, { client, code, pkce })
    expect(await isLive(hosts.api, body.access_token)).toBe(true)
  })

  test('means the same person the next time, and another one by another name', async () => {
    for (const person of [ada, { ...ada, name: 'Changed' }, { ...ada, sub: 'along-2' }]) {
      await app.answer(authorizationUrl(hosts, client.client_id), person)
    }
    const approved = (await eventsOf(hosts.api, 'GrantApproved')).slice(-3)
    const [first, again, other] = approved.map(({ payload }) => payload.userId)
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  test('denies, and the client learns it', async () => {
    const interaction = await arrive()
    const { body } = await app.deny(interaction)
    const to = new URL(body.redirect_to)
    expect(`${to.origin}${to.pathname}`).toBe(redirectUri)
    expect(to.searchParams.get('error')).toBe('access_denied')
    expect((await app.ask(interaction)).status).toBe(404)
  })

  test('OpenID Connect Core §3.1.2.1: prompt=none asks nobody, so that nobody is signed in', async () => {
    const url = authorizationUrl(hosts, client.client_id, { prompt: 'none' })
    const { headers } = await fetch(url, { redirect: 'manual' })
    expect(headers.get('location')).toContain('error=login_required')
  })

  test('an address that another account has does not become the new one’s', async () => {
    const { interaction, claims } = await ready(
      { ...ada, sub: 'along-thief' },
      { scope: 'vault:write' },
    )
    const { body } = await app.accept(interaction, claims)
    expect(new URL(body.redirect_to).searchParams.get('error')).toBe('access_denied')
  })
})

describe('what a person chooses', () => {
  const details = JSON.stringify([{ type: 'safe' }])

  test('is among the options, and counts', async () => {
    const { interaction, claims } = await ready(ada, { authorization_details: details })
    const { body } = await app.ask(interaction, ada)
    const [choice] = body.authorization_details[0].choices
    expect(choice).toMatchObject({ label: 'Safe', options: { family: 'Family', work: 'Work' } })
    const wrong = { ...claims, choices: { [choice.field]: 'a neighbour’s' } }
    expect((await app.accept(interaction, wrong)).status).toBe(409)
    const right = { ...claims, choices: { [choice.field]: 'family' } }
    expect((await app.accept(interaction, right)).status).toBe(200)
  })
})

describe('an acceptance is refused', () => {
  const refusedAs = async (interaction: Interaction, claims: JWTPayload, by = app) => {
    const { status, body } = await by.accept(interaction, claims)
    return [status, body.error]
  }

  test('the second time, as the same words and as new ones', async () => {
    const { interaction, claims } = await ready()
    const jwt = await app.sign('acceptance', interaction, { ...app.proof(), ...claims })
    const send = () => app.send('POST', `${interaction.id}/accept`, jwt)
    expect((await send()).status).toBe(200)
    expect((await send()).status).toBe(401)
    expect(await refusedAs(interaction, claims)).toEqual([404, 'not_found'])
  })

  test('twice at once: one of them gives a code', async () => {
    const { interaction, claims } = await ready()
    const all = await Promise.all([1, 2, 3, 4].map(() => app.accept(interaction, claims)))
    expect(all.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404])
  })

  test('for another interaction than it names', async () => {
    const [one, other] = [await ready(), await ready()]
    const jwt = await app.sign('acceptance', one.interaction, { ...app.proof(), ...one.claims })
    const { status } = await app.send('POST', `${other.interaction.id}/accept`, jwt)
    expect(status).toBe(401)
    const mixed = { id: other.interaction.id, cookie: one.interaction.cookie }
    expect(await refusedAs(mixed, one.claims)).toEqual([404, 'not_found'])
  })

  test('from another browser: what was begun in one is neither shown nor answered in another', async () => {
    const { interaction, claims } = await ready()
    const victim = await arrive()
    const mixed = { id: interaction.id, cookie: victim.cookie }
    expect((await app.ask(mixed, ada)).status).toBe(404)
    expect(await refusedAs(mixed, claims)).toEqual([404, 'not_found'])
    expect((await app.deny(mixed)).status).toBe(404)
    expect((await app.accept(interaction, claims)).status).toBe(200)
  })

  test('for other scopes than were shown', async () => {
    const cookie = (await arrive()).cookie
    const little = await arrive({ scope: 'vault:read' }, cookie)
    const much = await arrive({ scope: 'vault:read vault:write' }, cookie)
    const { shown } = (await app.ask(little, ada)).body
    expect(await refusedAs(much, { ...ada, shown })).toEqual([409, 'consent_required'])
    expect(await refusedAs(little, { ...ada, shown: 'something' })).toEqual([
      409,
      'consent_required',
    ])
  })

  test('for somebody else than it was shown to', async () => {
    const { interaction, claims } = await ready()
    const other = { ...claims, sub: 'along-3' }
    expect(await refusedAs(interaction, other)).toEqual([409, 'consent_required'])
  })

  test('by a key that is no front’s', async () => {
    const { interaction, claims } = await ready()
    const stranger = appWith(newFrontKey())
    expect(await refusedAs(interaction, claims, stranger)).toEqual([401, 'invalid_token'])
  })

  test('without any word of a front, as any token or none', async () => {
    const { interaction } = await ready()
    for (const jwt of [undefined, 'nonsense', 'glt_at_nonsense', 'eyJhbGciOiJub25lIn0.e30.']) {
      expect((await app.send('POST', `${interaction.id}/accept`, jwt)).status).toBe(401)
      expect((await app.send('POST', `${interaction.id}/deny`, jwt)).status).toBe(401)
      expect((await app.send('GET', interaction.id, jwt)).status).toBe(401)
    }
  })

  test('RFC 8725 §3.11: when a question or a denial was signed', async () => {
    const { interaction, claims } = await ready()
    for (const word of ['question', 'denial', 'relay'] as const) {
      const jwt = await app.sign(word, interaction, { ...app.proof(), ...claims })
      expect((await app.send('POST', `${interaction.id}/accept`, jwt)).status).toBe(401)
    }
  })

  test('for another API or by another issuer', async () => {
    const { interaction, claims } = await ready()
    const elsewhere = 'https://elsewhere.example'
    for (const parties of [
      { issuer: hosts.url, apiUrl: elsewhere },
      { issuer: elsewhere, apiUrl: hosts.api.url },
    ]) {
      const other = new OperatorApp({ ...parties, privateKey: hosts.privateKey, now })
      const jwt = await other.sign('acceptance', interaction, { ...app.proof(), ...claims })
      expect((await app.send('POST', `${interaction.id}/accept`, jwt)).status).toBe(401)
    }
  })

  test('late: the words after a minute, the request after its half hour', async () => {
    const { interaction, claims } = await ready()
    const jwt = await app.sign('acceptance', interaction, { ...app.proof(), ...claims })
    elapsedMs += 61_000
    expect((await app.send('POST', `${interaction.id}/accept`, jwt)).status).toBe(401)
    elapsedMs += 30 * 60_000
    expect(await refusedAs(interaction, claims)).toEqual([404, 'not_found'])
  })

  test('when it would live for longer than a minute', async () => {
    const { interaction, claims } = await ready()
    const ahead = { ...app.proof(), ...claims, interaction: interaction.id }
    const jwt = await signAsFront('acceptance', ahead, {
      parties: { issuer: hosts.url, apiUrl: hosts.api.url },
      key: readFrontKey(hosts.privateKey),
      now: now() + 600_000,
    })
    expect((await app.send('POST', `${interaction.id}/accept`, jwt)).status).toBe(401)
  })

  test('when something that it must say is missing or malformed', async () => {
    const { interaction, claims } = await ready()
    const soon = Math.floor(now() / 1000) + 3600
    for (const wrong of [
      { sub: undefined },
      { sub: '' },
      { shown: undefined },
      { auth_time: 'now' },
      { auth_time: soon },
      { amr: [] },
      { amr: ['<script>'] },
      { nonce: 'short' },
      { choices: { safe: 1 } },
    ]) {
      expect(await refusedAs(interaction, { ...claims, ...wrong } as JWTPayload)).toEqual([
        401,
        'invalid_token',
      ])
    }
    expect((await app.accept(interaction, claims)).status).toBe(200)
  })

  test('OpenID Connect Core §3.1.2.1: when the sign-in is older than max_age or prompt=login allow', async () => {
    const longAgo = { auth_time: Math.floor(now() / 1000) - 3600 }
    for (const asked of [{ max_age: '60' }, { prompt: 'login' }]) {
      const { interaction, claims } = await ready(ada, asked)
      const stale = { ...claims, ...longAgo }
      expect(await refusedAs(interaction, stale)).toEqual([400, 'login_required'])
      expect((await app.accept(interaction, claims)).status).toBe(200)
    }
  })

  test('OpenID Connect Core §5.5.1.1: when an essential acr is more than the person has shown', async () => {
    const acr = { essential: true, values: ['https://refeds.org/profile/mfa'] }
    const asked = { claims: JSON.stringify({ id_token: { acr } }) }
    const { interaction, claims } = await ready(ada, asked)
    const less = { ...claims, amr: ['pwd'] }
    expect(await refusedAs(interaction, less)).toEqual([400, 'login_required'])
    const enough = { ...claims, amr: ['pwd', 'otp', 'mfa'] }
    expect((await app.accept(interaction, enough)).status).toBe(200)
  })

  test('for an account that was disabled', async () => {
    await app.answer(authorizationUrl(hosts, client.client_id), { sub: 'along-gone' })
    const { services } = hosts.api
    const { userId = '' } = (await accountOfFront(services, { subject: 'along-gone' })) ?? {}
    await execute(services.log, { actor: 'test', correlationId: 'test' }, (work) =>
      work.decide(userDecider, userId, { kind: 'disable', reason: 'left', now: now() }),
    )
    const { interaction, claims } = await ready({ sub: 'along-gone' })
    expect(await refusedAs(interaction, claims)).toEqual([403, 'access_denied'])
  })
})

describe('a front that only passes on', () => {
  test('has no say in who somebody is', async () => {
    const plain = await startTwoHosts()
    const { url: issuer, api, privateKey } = plain
    const itself = new OperatorApp({ issuer, apiUrl: api.url, privateKey })
    const { client_id } = await register(api)
    const first = await fetch(authorizationUrl(plain, client_id), { redirect: 'manual' })
    const id = first.headers.get('location')?.split('=')[1] ?? ''
    const cookie = first.headers.getSetCookie()[0]?.split(/[=;]/)[1] ?? ''
    expect(id).toStartWith('req_')
    expect((await itself.ask({ id, cookie }, ada)).status).toBe(404)
    expect((await itself.accept({ id, cookie }, { ...ada, shown: '' })).status).toBe(404)
    await plain.stop()
  })
})

test('the log says who approved and how they signed in, and no session of ours', async () => {
  const events = await eventsOf(hosts.api, 'GrantApproved')
  const [first] = events
  expect(first?.payload).toMatchObject({ amr: ['pwd'] })
  expect(first?.payload.sessionId).toBeUndefined()
})
