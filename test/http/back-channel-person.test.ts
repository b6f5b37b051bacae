/**
 * A person whom clients ask from elsewhere: what reaches them, and what their answer takes.
 *
 * @see [OpenID Connect CIBA Core 1.0 §8](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#rfc.section.8)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import {
  addAsker,
  answer,
  ask,
  decideOn,
  openSignedIn,
  poll,
  questionsOn,
  questionsPath,
} from '../support/back-channel.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { type OperatorClient, operate } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

const bob = { email: 'bob@example.com', password: 'another long enough password' }
const hour = 60 * 60 * 1000

let now = Date.now()
let server: TestServer
let counter: OperatorClient
beforeAll(async () => {
  const settings = { ciba: { enabled: true, perPersonHourMax: 8 } }
  server = await startTestServer(settings, { clock: () => now })
  await registerUser(server.services, { ...bob, name: 'Bob', admin: false, actor: 'cli' })
})
// Each test has an hour, and a client, of its own.
beforeEach(async () => {
  now += hour + 1
  counter = await addAsker(server)
})
afterAll(() => server.stop())

async function asked(form: Record<string, string> = {}) {
  const { status, body } = await ask(server, counter, form)
  expect([status, body.error]).toEqual([200, undefined])
  return body
}

describe('a person who is asked', () => {
  test('has at most three questions, and eight an hour, and the client is not told', async () => {
    for (const count of [1, 2, 3, 3]) {
      await asked()
      expect(questionsOn(await openSignedIn(server.person())).length).toBe(count)
    }
    for (let left = 3; left > 0; left -= 1) await answer(server.person(), 'deny')
    for (let more = 0; more < 5; more += 1) {
      await asked()
      if (more < 4) await answer(server.person(), 'deny')
    }
    await asked()
    const list = await openSignedIn(server.person())
    // The eighth of this hour waits still, and a ninth did not come.
    expect(questionsOn(list).length).toBe(1)
    now += hour
    const request = await asked()
    await answer(server.person(), 'approve')
    expect((await poll(server, counter, request)).status).toBe(200)
  })

  test('has no more than three of many that come at once', async () => {
    await Promise.all(Array.from({ length: 7 }, () => ask(server, counter)))
    expect(questionsOn(await openSignedIn(server.person())).length).toBeLessThan(4)
  })

  test('never hears of a client again after saying so, until they say otherwise', async () => {
    const first = await asked()
    await asked()
    await answer(server.person(), 'mute')
    expect((await poll(server, counter, first)).body.error).toBe('access_denied')
    await asked()
    const person = server.person()
    const list = await openSignedIn(person)
    expect(questionsOn(list)).toEqual([])
    expect(list).toContain('Let it ask again')
    const unmuted = await unmute(person, list)
    expect(unmuted.headers.get('location')).toBe(`${questionsPath}?done=unmuted`)
    await asked()
    expect(questionsOn(await openSignedIn(server.person())).length).toBe(1)
    const names = (await eventsOf(server, 'BackChannelMuted')).map(
      ({ payload }) => payload.clientId,
    )
    expect(names).toContain(counter.client_id)
  })

  test('answers their own questions alone', async () => {
    const request = await asked()
    const path = questionsOn(await openSignedIn(server.person()))[0] ?? ''
    const other = server.person(bob)
    await openSignedIn(other, questionsPath, bob)
    expect((await other.open(path)).status).toBe(404)
    expect((await poll(server, counter, request)).body.error).toBe('authorization_pending')
  })

  test('approves only soon after signing in, and comes back to the same question', async () => {
    await asked()
    const person = server.person()
    const path = questionsOn(await openSignedIn(person))[0] ?? ''
    now += 121_000
    const before = (await eventsOf(server, 'GrantApproved')).length
    const page = await (await person.open(path)).text()
    const sent = await decideOn(person, { path, page }, 'approve')
    expect(sent.headers.get('location')).toBe(`/sign-in?next=${path}`)
    expect((await eventsOf(server, 'GrantApproved')).length).toBe(before)
    const denied = await decideOn(person, { path, page }, 'deny')
    expect(denied.headers.get('location')).toBe(`${questionsPath}?done=denied`)
  })

  test('is believed by the form alone that this session was shown', async () => {
    const request = await asked()
    const person = server.person()
    const path = questionsOn(await openSignedIn(person))[0] ?? ''
    const forged = await person.submit(path, { decision: 'approve' })
    expect(forged.status).toBe(403)
    const other = server.person(bob)
    await openSignedIn(other, questionsPath, bob)
    const page = await (await person.open(path)).text()
    expect((await decideOn(other, { path, page }, 'approve')).status).toBe(403)
    expect((await poll(server, counter, request)).body.error).toBe('authorization_pending')
  })

  test('gives one answer, whatever is sent at once', async () => {
    for (const decisions of [
      ['approve', 'approve', 'deny'],
      ['deny', 'approve', 'deny'],
    ] as const) {
      const request = await asked()
      const person = server.person()
      const path = questionsOn(await openSignedIn(person))[0] ?? ''
      const page = await (await person.open(path)).text()
      const before = (await eventsOf(server, 'GrantApproved')).length
      const [, ...answers] = await Promise.all([
        poll(server, counter, request),
        ...decisions.map((decision) => decideOn(person, { path, page }, decision)),
      ])
      const statuses = answers.map(({ status }) => status).toSorted()
      expect(statuses).toEqual([303, 404, 404])
      const given = (await eventsOf(server, 'GrantApproved')).length - before
      now += 20_000
      const { status, body } = await poll(server, counter, request)
      expect([status, body.error]).toEqual(given === 1 ? [200, undefined] : [400, 'access_denied'])
    }
  })

  test('gives nothing by a question whose client or account was disabled meanwhile', async () => {
    const request = await asked()
    const person = server.person()
    const path = questionsOn(await openSignedIn(person))[0] ?? ''
    const page = await (await person.open(path)).text()
    await operate(server.services, counter.client_id, 'disable')
    expect((await decideOn(person, { path, page }, 'approve')).status).toBe(400)
    await operate(server.services, counter.client_id, 'enable')
    expect((await poll(server, counter, request)).body.error).toBe('authorization_pending')
  })
})

function unmute(person: ReturnType<TestServer['person']>, list: string) {
  const form = list.split('<form').find((part) => part.includes(counter.client_id)) ?? ''
  return person.submit(questionsPath, hiddenFields(form))
}
