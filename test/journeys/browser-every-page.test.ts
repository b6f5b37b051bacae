/**
 * Every page that links lead to, of a server that has something of everything, in a real Chromium;
 * and every other address that answers with a page, with the journey that looks at it. Which
 * addresses there are the application is asked, so that a new page is missed here by itself.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { application } from '../../src/server.ts'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { formsOn, pagesFrom } from '../support/form-crawl.ts'
import {
  type FurnishedServer,
  furnishedPerson,
  giveFactors,
  password,
  startFurnishedServer,
} from '../support/furnished-server.ts'
import { admin, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { flawsOf, widths } from './sound-page.ts'

const isNight = process.env.GRANTLOG_TEST_NIGHTLY !== undefined

/** A device names the second one, and an address that is not confirmed the third. */
const starts = ['/', '/device', '/account/email/confirm']

/** Pages to which no link leads: what the journey that looks at one calls it. */
const lookedAtElsewhere: Readonly<Record<string, string>> = {
  '/oauth/authorize': 'error',
  '/oauth/logout': 'signed-out',
  '/consent': 'consent',
  '/setup': 'setup',
  '/done/:what': 'mail-sent',
  '/sign-in/confirm': 'sign-in-confirm',
  '/sign-up/confirm': 'sign-up-confirm',
  '/sign-in/agent': 'agent-waiting',
  '/sign-in/enrolment': 'enrolment',
  '/sign-in/onward': 'on-to-github',
  '/sign-in/from/:upstream': 'github-denied',
  '/sign-in/telegram/:upstream': 'telegram-sign-in',
}

/** A picture, and a page only where there is none. */
const noPages = ['/client-logos/:id']

/** The same endpoints by their older names. */
const olderName = /^\/(oauth2\/)?(authorize|logout)$/

const ada = 'ada-2@example.com'
let now = Date.now()

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let furnished: FurnishedServer
  let server: TestServer
  let routes: string[]
  const met = new Set<string>()
  const people: Record<string, DemoPerson> = {}

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    furnished = await startFurnishedServer(() => now)
    server = furnished.server
    const app = application(server.services, { health: async () => {} })
    routes = app.routes.filter(({ method }) => method === 'GET').map(({ path }) => path)
    const before = await furnishedPerson(furnished, ada)
    const given = await giveFactors(server, { email: ada, person: before, at: now })
    now += 30_000
    people.administrator = await given.signInAgain(now)
    people.other = await furnishedPerson(furnished, 'bob-2@example.com', { isAdmin: false })
    people.stranger = server.person()
  })
  afterAll(async () => {
    await browser.close()
    await furnished.stop()
  })

  function routeOf(path: string): string {
    const [plain = ''] = path.split('?')
    const fits = (route: string) =>
      new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+').replace('*', '.*')}$`).test(plain)
    return routes.find((route) => route === plain) ?? routes.find(fits) ?? plain
  }

  /** Of each address that links lead to, the page with the most on it. */
  async function linkedPages(person: DemoPerson): Promise<Map<string, string>> {
    const chosen = new Map<string, { path: string; size: number }>()
    for (const [path, { length: size }] of await pagesFrom(person, starts)) {
      const route = routeOf(path)
      if (size > (chosen.get(route)?.size ?? 0)) chosen.set(route, { path, size })
    }
    return new Map([...chosen].map(([route, { path }]) => [route, path]))
  }

  /** What is wrong with these pages, opened one after the other by somebody with these cookies. */
  async function flawsOfAll(paths: Iterable<string>, width: number, person: DemoPerson) {
    const { page, complaints, close } = await watchedPage(browser, width)
    const cookies = person.cookie.split('; ').filter((pair) => pair !== '')
    await page.context().addCookies(
      cookies.map((pair) => {
        const [name = '', ...value] = pair.split('=')
        return { name, value: value.join('='), url: server.url }
      }),
    )
    const found: string[] = []
    for (const path of paths) {
      const response = await page.goto(server.url + path)
      met.add(routeOf(path))
      const status = response?.status() === 200 ? [] : [`status ${response?.status()}`]
      const name = `every-${routeOf(path).replaceAll(/\W+/g, '-')}`
      const flaws = [...status, ...(await flawsOf(page, name)), ...complaints.splice(0)]
      found.push(...flaws.map((flaw) => `${path}: ${flaw}`))
    }
    await close()
    return found
  }

  describe.each(widths)('at %p pixels', (width) => {
    const others = width === 390 || isNight ? ['other', 'stranger'] : []
    test.each(['administrator', ...others])(
      'every page that links lead this person to is sound: %s',
      async (who) => {
        const person = people[who] ?? server.person()
        const pages = await linkedPages(person)
        expect(pages.size).toBeGreaterThan(5)
        expect(await flawsOfAll(pages.values(), width, person)).toEqual([])
      },
      600_000,
    )

    test('so is every page that a letter leads to', async () => {
      const person = server.person({ email: admin.email, password: admin.password })
      const after = furnished.mail.received.length
      await send(person, '/password/forgotten', { email: admin.email })
      const link = await furnished.mail.nextLink({ to: admin.email, after })
      expect(routeOf(link)).toBe('/password/new')
      expect(await flawsOfAll([link], width, person)).toEqual([])
      const email = `bob-${width}@example.com`
      const bob = people.other ?? person
      await send(bob, '/account/email', { email })
      const change = await furnished.mail.nextLink({ to: email })
      expect(routeOf(change)).toBe('/email/confirm')
      expect(await flawsOfAll([change], width, bob)).toEqual([])
    })

    test('and the one that asks for the code of an app', async () => {
      const person = server.person()
      const form = hiddenFields(await (await person.open('/sign-in')).text())
      const half = await person.submit('/sign-in', { ...form, email: ada, password })
      const path = half.headers.get('location') ?? ''
      expect(routeOf(path)).toBe('/sign-in/code')
      expect(await flawsOfAll([path], width, person)).toEqual([])
    })
  })

  /** Sends the form of the page at this path, with something typed in. */
  async function send(person: DemoPerson, path: string, typed: Record<string, string>) {
    const html = await (await person.open(path)).text()
    const form = formsOn(html, path).find(({ action }) => action === path)
    const { status } = await person.submit(path, { ...form?.fields, ...typed })
    expect(status).toBe(303)
  }

  test('no address answers with a page that nobody has looked at', async () => {
    const elsewhere = Object.keys(lookedAtElsewhere)
    const known = new Set([...met, ...elsewhere, ...noPages])
    const missed: string[] = []
    for (const route of routes) {
      if (known.has(route.replace(olderName, '/oauth/$2'))) continue
      const response = await server.person().open(route.replaceAll(/:\w+/g, 'x'))
      await response.body?.cancel()
      const type = response.headers.get('content-type') ?? ''
      if (response.status === 303 || type.startsWith('text/html')) missed.push(route)
    }
    expect(missed).toEqual([])
    expect(elsewhere.filter((route) => met.has(route) || !routes.includes(route))).toEqual([])
    expect(met.size).toBeGreaterThan(60)
  })
})

describe('a page that only a journey meets', () => {
  const folder = 'test/journeys'
  const journeys = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'))

  test.each(Object.entries(lookedAtElsewhere))('%s is looked at there, as %s', (_route, name) => {
    const look = `expectSound(page, '${name}')`
    expect(journeys.filter((text) => text.includes(look)).length).toBeGreaterThan(0)
  })
})
