/** Somebody has lost what they prove with beside a password, and an operator takes it away. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { act, actionPath, formOf, signedIn } from '../support/admin-browser.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { codeAt, enrol, signInAt } from '../support/second-factor.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { SoftwarePasskey } from '../support/software-passkey.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { locationOf } from '../support/upstream-visit.ts'

const password = 'a very long passphrase'

let mail: MailServer
let server: TestServer
let ada: DemoPerson
let now = Date.now()
beforeAll(async () => {
  mail = await startMailServer()
  server = await startTestServer({ mail: { url: mail.url } }, { clock: () => now })
  ada = await signedIn(server, admin)
})
afterAll(async () => {
  await server.stop()
  await mail.stop()
})

let count = 0
async function newPerson() {
  count += 1
  const credentials = { email: `person-${count}@example.com`, password }
  const account = { ...credentials, name: 'Eve', admin: false, actor: 'cli' }
  const made = await registerUser(server.services, account)
  if (made.outcome === 'refused') throw new Error(made.reason)
  const person = await signedIn(server, credentials)
  return { id: made.userId, credentials, person }
}

describe('a second factor that was lost', () => {
  test('is reset with a reason: signed out everywhere, told by mail, in by password again', async () => {
    const { id, credentials, person } = await newPerson()
    const { key, codes } = await enrol(person, now)
    const passkey = new SoftwarePasskey(id)
    await passkey.addTo(server)
    const page = await (await ada.open(`/admin/user?id=${id}`)).text()
    expect(page).toContain('a passkey, an app that shows codes')
    const form = { ...(await formOf(ada, 'reset-second-factor', id)), reason: 'Phone in the lake' }
    for (const _ of ['sent', 'sent again']) {
      const answer = await ada.submit(actionPath('reset-second-factor'), form)
      expect(locationOf(answer)).toBe(`/admin/user?id=${id}`)
    }
    const resets = (await eventsOf(server, 'SecondFactorReset')).filter(
      ({ payload }) => payload.userId === id,
    )
    expect(resets.map(({ actor }) => actor)).toEqual([expect.stringMatching(/^user:usr_/)])
    expect((await person.open('/account')).status).toBe(303)
    await mail.next({ to: credentials.email, with: 'took every passkey' })
    // What was lost opens nothing for whoever finds it.
    const finder = server.person(credentials)
    const html = await (await finder.open('/sign-in')).text()
    const challenge = /challenge&quot;:&quot;([\w-]+)/.exec(html)?.[1] ?? ''
    const credential = passkey.answer({ challenge, origin: server.url })
    const found = await finder.submit('/sign-in/passkey', { ...hiddenFields(html), credential })
    expect(found.status).toBe(400)
    expect(locationOf(await signInAt(finder, '/sign-in', credentials))).toBe('/account')
    expect([codes.length, codeAt(key, now)]).toEqual([10, expect.any(String)])
    const after = await (await ada.open(`/admin/user?id=${id}`)).text()
    expect(after).toContain('Phone in the lake')
    expect(after).not.toContain('reset-second-factor')
  })

  test('needs a reason, and a fresh sign-in of the administrator', async () => {
    const { id, person } = await newPerson()
    await enrol(person, now)
    const silent = await act(ada, 'reset-second-factor', { id, reason: ' ' })
    expect(silent.status).toBe(400)
    const form = { ...(await formOf(ada, 'reset-second-factor', id)), reason: 'Lost' }
    now += 3600_000
    expect(locationOf(await ada.submit(actionPath('reset-second-factor'), form))).toBe(
      `/sign-in?next=/admin/do/reset-second-factor%3Fid%3D${id}`,
    )
    expect((await person.open('/account')).status).toBe(200)
    ada = await signedIn(server, admin)
  })

  test('stays where a passkey is the only way in', async () => {
    const identity = {
      identityKey: 'A'.repeat(43),
      upstream: 'gone',
      upstreamSubject: '1',
      label: 'eve',
    }
    const account = { name: 'Eve', identity, admin: false, actor: 'upstream:gone' }
    const made = await registerUser(server.services, account)
    if (made.outcome === 'refused') throw new Error(made.reason)
    await new SoftwarePasskey(made.userId).addTo(server)
    const asked = { id: made.userId, reason: 'Lost' }
    const answer = await act(ada, 'reset-second-factor', asked)
    expect([answer.status, (await answer.text()).includes('the only way in')]).toEqual([400, true])
  })
})
