/**
 * Every form of somebody who is signed in: it counts in the browser and the session that it was
 * shown to, and nowhere else. The forms are found by following links, and the addresses that take
 * a POST by asking the application, so that a new form is in this table by itself.
 *
 * @see [RFC 9700 §4.7 - Cross-Site Request Forgery](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.7)
 */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { application } from '../../src/server.ts'
import { registerDevice, startDevice } from '../support/device.ts'
import { type FoundForm, formsFrom, formsOn } from '../support/form-crawl.ts'
import {
  type FurnishedServer,
  furnishedPerson,
  giveFactors,
  password,
  startFurnishedServer,
} from '../support/furnished-server.ts'
import { authorizationUrl, register } from '../support/oauth-client.ts'
import type { TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

/** What takes a POST and is no form of somebody signed in: clients' endpoints, and ways to sign in. */
const others =
  /^(\/(oauth2?\/)?(token|par|introspect|revoke|register|userinfo|authorize|device_authorization|bc-authorize|logout)|\/api\/.*|\/setup|\/sign-in(\/.*)?|\/sign-up(\/.*)?|\/password\/.*|\/email\/confirm)$/

const starts = [
  ...['/account', '/account/email/confirm', '/account/security', '/admin', '/device'],
  ...['/developers/keys', '/developers/connected-apps', '/approvals', '/oauth/logout'],
]

let now = Date.now()
let furnished: FurnishedServer
let server: TestServer
let routes: string[]
let ada: DemoPerson
let eve: DemoPerson
/** Of each address that takes a POST, a form that somebody is shown. */
const found = new Map<string, Forms>()

beforeAll(async () => {
  furnished = await startFurnishedServer(() => now)
  server = furnished.server
  const app = application(server.services, { health: async () => {} })
  const posts = app.routes.filter(({ method }) => method === 'POST').map(({ path }) => path)
  routes = posts.filter((path) => !others.test(path))
  ada = await furnishedPerson(furnished, 'ada-2@example.com')
  ada = await withFactors('ada-2@example.com', ada)
  eve = await furnishedPerson(furnished, 'eve@example.com')
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
  await furnished.stop()
})

/** From now on with an account elsewhere, an app and a passkey, and in a browser in which both were asked for. */
async function withFactors(email: string, person: DemoPerson): Promise<DemoPerson> {
  const given = await giveFactors(server, { email, person, at: now })
  now += 30_000
  return given.signInAgain(now)
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
