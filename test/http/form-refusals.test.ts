/**
 * Every form of somebody who is signed in: it counts in the browser and the session that it was
 * shown to, and nowhere else. The forms are found by following links, and the addresses that take
 * a POST by asking the application, so that a new form is in this table by itself.
 *
 * @see [RFC 9700 §4.7 - Cross-Site Request Forgery](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.7)
 */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { application } from '../../src/server.ts'
import { giveApiToken } from '../support/api-tokens.ts'
import { approvalOfJob, decide } from '../support/approvals.ts'
import { addAsker, answer, ask as askFrom } from '../support/back-channel.ts'
import { connectApp } from '../support/connected-apps.ts'
import { registerDevice, startDevice } from '../support/device.ts'
import { type FoundForm, formsFrom, formsOn } from '../support/form-crawl.ts'
import { jobCaller } from '../support/job-caller.ts'
import { jobWorker } from '../support/job-worker.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { ask, notesScopes, sendTo } from '../support/notes-gateway.ts'
import { authorizationUrl, connect, register } from '../support/oauth-client.ts'
import { addClient, operate } from '../support/operator-client.ts'
import { giveAgents } from '../support/owned-agents.ts'
import {
  type RecordingUpstream,
  startRecordingUpstream,
  tool,
} from '../support/recording-upstream.ts'
import { codeAt, enrol, sendCode, signInAt } from '../support/second-factor.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { SoftwarePasskey } from '../support/software-passkey.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { visit } from '../support/upstream-visit.ts'

/** What takes a POST and is no form of somebody signed in: clients' endpoints, and ways to sign in. */
const others =
  /^(\/(oauth2?\/)?(token|par|introspect|revoke|register|userinfo|authorize|device_authorization|bc-authorize|logout)|\/api\/.*|\/setup|\/sign-in(\/.*)?|\/sign-up(\/.*)?|\/password\/.*|\/email\/confirm)$/

const starts = [
  ...['/account', '/account/email/confirm', '/account/security', '/admin', '/device'],
  ...['/developers/keys', '/developers/connected-apps', '/approvals', '/oauth/logout'],
]

let now = Date.now()
let server: TestServer
let mail: MailServer
let provider: Provider
/** An MCP server behind ours. */
let elsewhere: RecordingUpstream
let routes: string[]
let ada: DemoPerson
let eve: DemoPerson
/** Of each address that takes a POST, a form that somebody is shown. */
const found = new Map<string, Forms>()

beforeAll(async () => {
  mail = await startMailServer()
  provider = await startProvider()
  elsewhere = await startRecordingUpstream()
  const settings = {
    ...upstreamsAt(provider),
    resources: [jobs, notesAt(elsewhere)],
    mail: { url: mail.url },
    signUp: 'open' as const,
    agents: { enabled: true },
    apiTokens: { enabled: true, acceptedOn: ['rest' as const] },
    approvals: { standingLimit: { EUR: '10' } },
    ciba: { enabled: true },
  }
  server = await startTestServer(settings, { clock: () => now })
  const app = application(server.services, { health: async () => {} })
  const posts = app.routes.filter(({ method }) => method === 'POST').map(({ path }) => path)
  routes = posts.filter((path) => !others.test(path))
  await somethingOfEverything()
  ada = await administrator('ada-2@example.com')
  ada = await withFactors('ada-2@example.com', ada)
  eve = await administrator('eve@example.com')
  const [hers, evil] = [await formsOf(ada), await formsOf(eve)]
  for (const route of routes) {
    const form = hers.find(({ action }) => fits(route, action))
    const same = evil.find(({ action }) => fits(route, action))
    const first = form ? { form, owner: ada, other: eve } : { form: same, owner: eve, other: ada }
    const anyOf = first.owner === ada ? evil : hers
    const foreign = (first.owner === ada ? same : form) ?? anyOf[0]
    if (!first.form || !foreign) continue
    found.set(route, { ...first, form: first.form, foreign: foreign.fields.csrf ?? '' })
  }
})
afterAll(async () => {
  await server.stop()
  await provider.stop()
  await elsewhere.stop()
  await mail.stop()
})

const password = 'a very long passphrase'

const jobs = { resource: '/api/mcp', name: 'Jobs', scopes: { book: 'Book', read: 'Read' } }

function notesAt({ url }: RecordingUpstream) {
  const tools = { 'read_*': 'notes:read', 'delete_*': 'notes:delete' }
  const upstream = { url, allowPrivate: true, definitionsSeconds: 0, tools }
  return { resource: '/mcp/notes', name: 'Notes', scopes: notesScopes, upstream }
}

/** A tool elsewhere that is not what it was, and so waits for an administrator. */
async function toolThatChanged(): Promise<void> {
  const endpoint = `${server.url}/mcp/notes`
  const { tokens } = await connect(server, { resource: endpoint })
  const list = { token: tokens.access_token, body: ask('tools/list') }
  await sendTo(endpoint, list)
  elsewhere.tools = [tool('read_note', { description: 'Reads everything' })]
  await sendTo(endpoint, list)
}

/** What administrators find on their pages. */
async function somethingOfEverything(): Promise<void> {
  const { services } = server
  await toolThatChanged()
  await addClient(services)
  await operate(services, (await addClient(services)).client_id, 'disable')
  for (const email of ['bob@example.com', 'gone@example.com']) {
    await registerUser(services, { email, password, name: 'Bob', admin: false, actor: 'cli' })
  }
  const gone = await findUserByEmail(services, 'gone@example.com')
  const page = `/admin/do/disable-user?id=${gone?.userId}`
  const root = await signedIn('ada@example.com', 'correct horse battery staple')
  const [form] = formsOn(await (await root.open(page)).text(), page)
  await root.submit(form?.action ?? '', { ...form?.fields, reason: 'a test' })
}

async function signedIn(email: string, secret = password): Promise<DemoPerson> {
  const person = server.person({ email, password: secret })
  await signInAt(person, '/sign-in', { email, password: secret })
  return person
}

/** A payment approved ahead and one that waits, and a check that only they can solve. */
async function somethingToDecide(email: string): Promise<void> {
  const caller = await jobCaller(server, { email, password })
  const worker = await jobWorker(server)
  const what = { currency: 'EUR', payee: 'Da Enzo', description: 'Four seats' }
  const captcha = { type: 'captcha', note: 'Prove it', url: 'https://site.example/check' }
  for (const amount of ['20', '30']) {
    const jobId = await caller.start()
    const payment = { ...what, amount }
    await worker.report(await worker.take(), { type: 'paused_payment', note: 'Pay', payment })
    if (amount === '20')
      await decide(server, await approvalOfJob(server, jobId), { standing: true })
  }
  await caller.start()
  await worker.report(await worker.take(), captcha)
}

/** A client that asks them from elsewhere, and one that may not ask them any more. */
async function somebodyAsking(email: string): Promise<void> {
  for (const isMuted of [true, false]) {
    await askFrom(server, await addAsker(server), { login_hint: email, requested_expiry: '600' })
    if (isMuted) await answer(server.person({ email, password }), 'mute', { email, password })
  }
}

/** Somebody who has connected an app, and has tokens and two sessions. */
async function administrator(email: string): Promise<DemoPerson> {
  await registerUser(server.services, { email, password, name: 'Ada', admin: true, actor: 'cli' })
  const { userId = '' } = (await findUserByEmail(server.services, email)) ?? {}
  await connectApp(server, { scope: 'book read' }, await signedIn(email))
  await somethingToDecide(email)
  const { token } = await giveApiToken(server, { userId, scopes: ['read'] })
  await giveApiToken(server, { userId, scopes: ['read'] })
  await fetch(`${server.url}/api/tokens/leaked`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ token }]),
  })
  await giveAgents(server, email)
  await somebodyAsking(email)
  return signedIn(email)
}

/** From now on with an account elsewhere, an app and a passkey, and in a browser in which both were asked for. */
async function withFactors(email: string, person: DemoPerson): Promise<DemoPerson> {
  await visit(person, { from: '/account' })
  const { key } = await enrol(person, now)
  now += 30_000
  const again = server.person({ email, password })
  const half = await signInAt(again, '/sign-in', { email, password })
  await sendCode(again, half.headers.get('location') ?? '', codeAt(key, now))
  const { userId = '' } = (await findUserByEmail(server.services, email)) ?? {}
  await new SoftwarePasskey(userId).addTo(server)
  return again
}

async function formsOf(person: DemoPerson): Promise<FoundForm[]> {
  const device = await startDevice(server, await registerDevice(server))
  const typing = formsOn(await (await person.open('/device')).text(), '/device')[0]
  const asked = { ...typing?.fields, user_code: device.user_code }
  const answering = await (await person.submit('/device', asked)).text()
  const consent = authorizationUrl(server, (await register(server)).client_id)
  return [
    ...(await formsFrom(person, [...starts, consent.slice(server.url.length)], password)),
    ...formsOn(answering, '/device'),
  ]
}

function fits(route: string, action: string): boolean {
  return new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`).test(action.split('?')[0] ?? '')
}

interface Sent {
  readonly fields: Readonly<Record<string, string>>
  readonly cookie: string
  readonly headers?: Readonly<Record<string, string>>
}

function send(action: string, { fields, cookie, headers = {} }: Sent): Promise<Response> {
  return fetch(server.url + action, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie, ...headers },
    body: new URLSearchParams(fields).toString(),
  })
}

/** The server makes its keys and counts hours meanwhile, whoever asks for what. */
async function eventCount(): Promise<number> {
  const sql = "SELECT count(*) AS n FROM events WHERE actor NOT LIKE 'system:%'"
  return Number((await server.services.reader.get({ sql, args: [] }))?.n)
}

/** What is wrong with how a form was refused; undefined where it was, and the person is told how to go on. */
async function flawOf(action: string, sent: Sent): Promise<string | undefined> {
  const before = await eventCount()
  const response = await send(action, sent)
  const html = await response.text()
  if ((await eventCount()) !== before) return 'the log has grown'
  const { status } = response
  const location = response.headers.get('location')
  if (response.headers.getSetCookie().some((each) => each.includes('-session=;'))) {
    return 'the session is gone'
  }
  if (status === 303 && location?.startsWith('/') && !location.startsWith('//')) return undefined
  // Nobody is signed in, so there is nobody to sign out; somebody else's app is not there for them.
  const isNothing = action === '/sign-out' && !sent.cookie.includes('grantlog-session=')
  if (![400, 403, 404].includes(status) && !isNothing) return `status ${status} ${location ?? ''}`
  const main = html.split('<main')[1] ?? ''
  return /<a |<form |<p/.test(main) ? undefined : 'nobody says how to go on'
}

interface Forms {
  readonly form: FoundForm
  readonly owner: DemoPerson
  readonly other: DemoPerson
  /** What the same form of the other person carries, or some other form of theirs. */
  readonly foreign: string
}

const refusals: Readonly<Record<string, (forms: Forms) => Sent>> = {
  'without its token': ({ form, owner }) => ({
    fields: { ...form.fields, csrf: '' },
    cookie: owner.cookie,
  }),
  'with a token that is made up': ({ form, owner }) => ({
    fields: { ...form.fields, csrf: 'A'.repeat(43) },
    cookie: owner.cookie,
  }),
  'with the token of somebody else’s form': ({ form, owner, foreign }) => ({
    fields: { ...form.fields, csrf: foreign },
    cookie: owner.cookie,
  }),
  'from a page elsewhere': ({ form, owner }) => ({
    fields: form.fields,
    cookie: owner.cookie,
    headers: { 'sec-fetch-site': 'cross-site' },
  }),
  'from a page on another subdomain': ({ form, owner }) => ({
    fields: form.fields,
    cookie: owner.cookie,
    headers: { 'sec-fetch-site': 'same-site' },
  }),
  'whole, by somebody else': ({ form, other }) => ({ fields: form.fields, cookie: other.cookie }),
  'in the same browser after signing out': ({ form, owner }) => ({
    fields: form.fields,
    cookie: owner.cookie.replace(/grantlog-session=[^;]*/, ''),
  }),
  'in a browser without any cookie': ({ form }) => ({ fields: form.fields, cookie: '' }),
}

test('every address that takes a POST is a form here, or known to be none', () => {
  expect(routes.filter((route) => !found.has(route))).toEqual([])
  expect(routes.length).toBeGreaterThan(40)
})

describe('a form changes nothing, and says what to do, when it is sent', () => {
  test.each(Object.keys(refusals))('%s', async (name) => {
    const flaws: string[] = []
    for (const [route, forms] of found) {
      const sent = refusals[name]?.(forms)
      const flaw = sent && (await flawOf(forms.form.action, sent))
      if (flaw !== undefined) flaws.push(`${route}: ${flaw}`)
    }
    expect(flaws).toEqual([])
    for (const person of [ada, eve]) expect((await person.open('/account')).status).toBe(200)
  })

  test('with nothing but cookies, wherever a POST is taken', async () => {
    const app = application(server.services, { health: async () => {} })
    const before = await eventCount()
    const fields = { email: 'x@example.com', name: 'x', reason: 'x', decision: 'approve' }
    for (const { method, path } of app.routes) {
      if (method === 'POST')
        await send(path.replaceAll(/:\w+/g, 'x'), { fields, cookie: ada.cookie })
    }
    expect(await eventCount()).toBe(before)
  })
})

test('and with its own token it is heard', async () => {
  // What one of these does, the others would see; two more that end all are tried elsewhere.
  const last = [
    ...['/admin/do/end-session', '/admin/do/end-sessions', '/account/sessions'],
    ...['/account/password', '/sign-out', '/account/delete', '/switch-account'],
  ]
  const ordered = [...found].toSorted(([a], [b]) => last.indexOf(a) - last.indexOf(b)).slice(0, -2)
  const unheard: string[] = []
  for (const [route, { form: before, owner }] of ordered) {
    const page = await (await owner.open(before.page)).text()
    const form =
      formsOn(page, before.page, password).find(({ action }) => fits(route, action)) ?? before
    // A missing reason is complained of only by what has believed the form.
    const fields = { ...form.fields, ...(form.fields.reason === undefined ? {} : { reason: '' }) }
    const [real, forged] = [fields, { ...fields, csrf: 'A'.repeat(43) }]
    const refused = await gist(await send(form.action, { fields: forged, cookie: owner.cookie }))
    const count = await eventCount()
    const heard = await gist(await send(form.action, { fields: real, cookie: owner.cookie }))
    if (heard === refused && (await eventCount()) === count)
      unheard.push(`${route}: ${heard.slice(0, 200)}`)
  }
  expect(unheard).toEqual([])
})

/** What an answer comes to, without what differs from one to the next. */
async function gist(response: Response): Promise<string> {
  const text = (await response.text()).replace(/.*<main/s, '').replaceAll(/<[^>]*>/g, ' ')
  const plain = text.replaceAll(/\b(rid|evt)_\w+/g, '').replaceAll(/\s+/g, ' ')
  return `${response.status} ${response.headers.get('location') ?? ''} ${plain}`
}
