/** Links in mail: each works once, for a while, for what it was sent for, and tells nobody anything. */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '../support/test.ts'

type Person = ReturnType<TestServer['person']>

let mail: MailServer
let server: TestServer
let now = Date.now()
beforeAll(async () => {
  mail = await startMailServer()
  server = await startTestServer(
    { mail: { url: mail.url }, signUp: 'open', brand: 'Beispiel & Söhne' },
    { clock: () => now },
  )
})
afterAll(async () => {
  await server.stop()
  await mail.stop()
})
beforeEach(() => {
  now += 3600_000
})

/** Fills in the form at a path, as a browser would. */
async function fill(person: Person, path: string, fields: Record<string, string> = {}) {
  const page = await person.open(path)
  const html = await page.text()
  const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1] ?? path
  return person.submit(action, { ...hiddenFields(html), ...fields })
}

/** How many letters there are, with none on its way still. */
async function lettersSoFar(): Promise<number> {
  await server.services.mail.idle()
  return mail.received.length
}

const recipientsAfter = (before: number) => mail.received.slice(before).map(({ to }) => to)

async function ask(person: Person, path: string, email: string): Promise<string> {
  const after = await lettersSoFar()
  const answer = await fill(person, path, { email })
  expect(answer.headers.get('location')).toBe('/done/mail-sent')
  return mail.nextLink({ to: email.trim().toLowerCase(), after })
}

function whereTo(answer: Response): string | null {
  return answer.headers.get('location')
}

async function newPerson(email: string): Promise<Person> {
  const password = 'a very long passphrase'
  const user = { email, password, name: 'Bob', admin: false, actor: 'cli' }
  expect((await registerUser(server.services, user)).outcome).toBe('accepted')
  return server.person({ email, password })
}

async function signIn(person: Person, credentials: { email: string; password: string }) {
  return fill(person, '/sign-in', credentials)
}

describe('a link that signs in', () => {
  test('does so in the browser that asked, once, and opening it alone does nothing', async () => {
    const person = server.person()
    const link = await ask(person, '/sign-in/email', ` ${admin.email.toUpperCase()}`)
    const page = await person.open(link)
    expect(page.status).toBe(200)
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect((await person.open('/account')).status).toBe(303)
    expect(whereTo(await fill(person, link))).toBe('/account')
    expect((await person.open('/account')).status).toBe(200)
    expect((await person.open(link)).status).toBe(400)
    const [started] = (await eventsOf(server, 'SessionStarted')).slice(-1)
    expect(started?.payload.amr).toEqual(['otp'])
  })

  test('opens nothing in another browser, where somebody was made to click it', async () => {
    const link = await ask(server.person(), '/sign-in/email', admin.email)
    const other = server.person()
    await other.open('/sign-in')
    const page = await other.open(link)
    expect(page.status).toBe(400)
    expect(await page.text()).toContain('only in the browser')
    const token = new URL(link, server.url).searchParams.get('token') ?? ''
    expect((await other.submit('/sign-in/confirm', { token, csrf: 'x' })).status).toBe(400)
  })

  test('ends, and is good for nothing else', async () => {
    const person = server.person()
    const link = await ask(person, '/sign-in/email', admin.email)
    const token = link.slice(link.indexOf('?'))
    for (const path of ['/password/new', '/email/confirm', '/sign-up/confirm']) {
      expect((await person.open(path + token)).status).toBe(400)
    }
    now += 15 * 60_000 + 1
    expect((await person.open(link)).status).toBe(400)
  })

  test('used twice at once signs in once', async () => {
    const person = server.person()
    const link = await ask(person, '/sign-in/email', admin.email)
    const fields = hiddenFields(await (await person.open(link)).text())
    const both = [
      person.submit('/sign-in/confirm', fields),
      person.submit('/sign-in/confirm', fields),
    ]
    const statuses = (await Promise.all(both)).map(({ status }) => status)
    expect(statuses.sort()).toEqual([303, 400])
  })
})

describe('whoever asks for a link', () => {
  test('is told the same for an address that nobody has, and no mail goes out', async () => {
    const before = await lettersSoFar()
    for (const path of ['/sign-in/email', '/password/forgotten']) {
      const answer = await fill(server.person(), path, { email: 'nobody@example.com' })
      expect([answer.status, whereTo(answer)]).toEqual([303, '/done/mail-sent'])
    }
    await ask(server.person(), '/password/forgotten', admin.email)
    expect(recipientsAfter(before)).toEqual([[admin.email]])
  })

  test('waits after three times, whether or not somebody has the address', async () => {
    const before = await lettersSoFar()
    for (const email of ['waits@example.com', admin.email]) {
      const statuses: number[] = []
      for (let n = 0; n < 4; n += 1) {
        statuses.push((await fill(server.person(), '/sign-in/email', { email })).status)
      }
      expect(statuses).toEqual([303, 303, 303, 429])
    }
    await lettersSoFar()
    expect(recipientsAfter(before)).toEqual([[admin.email], [admin.email], [admin.email]])
  })

  test('is told what is no address, and that the form was not ours', async () => {
    const person = server.person()
    expect((await fill(person, '/sign-in/email', { email: 'no address' })).status).toBe(400)
    const forged = await person.submit('/sign-in/email', { email: admin.email, csrf: 'forged' })
    expect(forged.status).toBe(400)
  })
})

describe('a forgotten password', () => {
  test('is replaced by a link, and every other browser is signed out', async () => {
    const email = 'forgetful@example.com'
    const person = await newPerson(email)
    await signIn(person, { email, password: 'a very long passphrase' })
    expect((await person.open('/account')).status).toBe(200)
    const elsewhere = server.person()
    const link = await ask(elsewhere, '/password/forgotten', email)
    const phone = server.person()
    expect((await fill(phone, link, { password: 'short' })).status).toBe(400)
    const set = await fill(phone, link, { password: 'another long passphrase' })
    expect(whereTo(set)).toBe('/done/password-set')
    await mail.next({ to: email, with: 'was changed' })
    expect((await person.open('/account')).status).toBe(303)
    expect((await signIn(person, { email, password: 'a very long passphrase' })).status).toBe(400)
    const next = await signIn(person, { email, password: 'another long passphrase' })
    expect(whereTo(next)).toBe('/account')
    const ended = await eventsOf(server, 'SessionEnded')
    expect(ended.at(-1)?.payload.reason).toBe('password_changed')
    expect((await phone.open(link)).status).toBe(400)
  })
})

describe('what somebody wanted before', () => {
  const wanted = '/developers/connected-apps?search=a'
  const query = `?next=${encodeURIComponent(wanted)}`

  test('is kept while a forgotten password is replaced', async () => {
    const email = 'on-the-way@example.com'
    const person = await newPerson(email)
    const html = await (await person.open(`/sign-in${query}`)).text()
    const [, forgotten = ''] = /href="(\/password\/forgotten[^"]*)"/.exec(html) ?? []
    const link = await ask(person, forgotten, email)
    const set = await fill(person, link, { password: 'another long passphrase' })
    const done = await (await person.open(whereTo(set) ?? '')).text()
    const [, signInHref = ''] = /href="(\/sign-in\?[^"]*)"/.exec(done) ?? []
    const next = await fill(person, signInHref, { email, password: 'another long passphrase' })
    expect(whereTo(next)).toBe(wanted)
  })

  test('is kept while an address is confirmed, also when the form comes too late', async () => {
    const [email, password] = ['proves@example.com', 'a very long passphrase']
    const person = await newPerson(email)
    await signIn(person, { email, password })
    const path = '/account/email/confirm'
    const late = await person.submit(path, { csrf: 'old', next: wanted })
    expect(await late.text()).toContain(`name="next" value="${wanted}"`)
    const link = await ask(person, path + query, email)
    const done = await (await person.open(whereTo(await fill(person, link)) ?? '')).text()
    expect(done).toContain(`href="${wanted}"`)
  })

  test('is no other site, however it is written', async () => {
    const bad = [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/sign-out',
      '/account\n',
    ]
    for (const next of bad) {
      const asked = `?next=${encodeURIComponent(next)}`
      for (const path of ['/password/forgotten', '/done/password-set', '/done/email-confirmed']) {
        const html = await (await server.person().open(path + asked)).text()
        expect(html).not.toContain('evil')
        expect(html).not.toContain('next')
      }
    }
  })
})

describe('another address', () => {
  test('is used once its link is opened, and the one before is told', async () => {
    const email = 'old@example.com'
    const password = 'a very long passphrase'
    const person = await newPerson(email)
    await signIn(person, { email, password })
    const link = await ask(person, '/account/email', 'new@example.com')
    expect((await signIn(server.person(), { email, password })).status).toBe(303)
    expect(whereTo(await fill(server.person(), link))).toBe('/done/email-confirmed')
    await mail.next({ to: email, with: 'another address now' })
    expect((await signIn(server.person(), { email, password })).status).toBe(400)
    const now = await signIn(server.person(), { email: 'new@example.com', password })
    expect(now.status).toBe(303)
  })

  test('asks for a fresh sign-in', async () => {
    const email = 'stale@example.com'
    const person = await newPerson(email)
    await signIn(person, { email, password: 'a very long passphrase' })
    now += 11 * 60_000
    for (const path of ['/account/email', '/account/delete']) {
      expect(whereTo(await person.open(path))).toBe(`/sign-in?next=${path}`)
    }
    const again = await fill(person, '/sign-in?next=/account/delete', {
      email,
      password: 'a very long passphrase',
    })
    expect(whereTo(again)).toBe('/account/delete')
    const elsewhere = await person.open('/sign-in?next=https://evil.example')
    expect(await elsewhere.text()).not.toContain('evil')
  })

  test('that somebody has gets no mail, and the answer does not say so', async () => {
    const email = 'envious@example.com'
    const person = await newPerson(email)
    await signIn(person, { email, password: 'a very long passphrase' })
    const before = await lettersSoFar()
    const answer = await fill(person, '/account/email', { email: admin.email })
    expect(whereTo(answer)).toBe('/done/mail-sent')
    await ask(person, '/account/email', 'free@example.com')
    expect(recipientsAfter(before)).toEqual([['free@example.com']])
  })
})

describe('signing up', () => {
  test('makes an account with a proved address and signs in', async () => {
    const person = server.person()
    const link = await ask(person, '/sign-up', 'grace@example.com')
    const fields = { name: 'Grace', password: 'a very long passphrase' }
    expect((await fill(person, link, { ...fields, password: 'password1' })).status).toBe(400)
    expect(whereTo(await fill(person, link, fields))).toBe('/account')
    expect(await (await person.open('/account')).text()).toContain('Grace')
    const [registered] = (await eventsOf(server, 'UserRegistered')).slice(-1)
    expect(registered?.payload).toMatchObject({ emailVerified: true, admin: false })
    expect((await person.open(link)).status).toBe(400)
  })

  test('with an address that has an account tells its person, and nobody else', async () => {
    const after = await lettersSoFar()
    const answer = await fill(server.person(), '/sign-up', { email: admin.email })
    expect(whereTo(answer)).toBe('/done/mail-sent')
    const { content } = await mail.next({ to: admin.email, after })
    expect(content).not.toContain('token=')
  })

  test('and every other link is not offered where no mail gets out', async () => {
    const silent = await startTestServer({ signUp: 'open' })
    const paths = ['/sign-up', '/sign-in/email', '/password/forgotten', '/account/email']
    for (const path of paths) expect((await silent.person().open(path)).status).toBe(404)
    const page = await (await silent.person().open('/sign-in')).text()
    for (const path of paths) expect(page).not.toContain(path)
    await silent.stop()
  })

  test('is not there unless an operator says so', async () => {
    const closed = await startTestServer({ mail: { url: mail.url } })
    expect((await closed.person().open('/sign-up')).status).toBe(404)
    expect(await (await closed.person().open('/sign-in')).text()).not.toContain('/sign-up')
    await closed.stop()
  })
})

describe('mail', () => {
  test('has the same in plain text and HTML, loads nothing, and speaks the reader’s language', async () => {
    const after = await lettersSoFar()
    await ask(server.person(), '/sign-in/email', admin.email)
    const { content, from } = await mail.next({ to: admin.email, after })
    expect(from).toBe('no-reply@localhost')
    for (const text of ['text/plain', 'text/html', 'Auto-Submitted: auto-generated']) {
      expect(content).toContain(text)
    }
    expect(content).not.toMatch(/<img|<script|<link|src=/)
    expect(content.match(/token=[\w-]+/g)?.length).toBe(2)
  })

  test('that could not be sent is tried again later, and no link stands in the database', async () => {
    await lettersSoFar()
    mail.refuse = true
    const answer = await fill(server.person(), '/sign-in/email', { email: admin.email })
    expect(whereTo(answer)).toBe('/done/mail-sent')
    const { expiring } = server.services
    const waiting = async () =>
      (await expiring.list('letter', 10)) as { body: { attempts: number } }[]
    const after = await lettersSoFar()
    expect((await waiting()).map(({ body }) => body.attempts)).toEqual([1])
    expect(JSON.stringify(await waiting())).not.toMatch(/_ml_/)
    mail.refuse = false
    now += 31_000
    server.services.mail.wake()
    expect(await mail.nextLink({ to: admin.email, after })).toContain('/sign-in/confirm')
    expect(server.logged()).not.toContain('_ml_')
  })
})
