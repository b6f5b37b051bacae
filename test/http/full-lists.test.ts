/**
 * Every page that lists something, with a thousand of it: it stays small and leads on. By night the
 * time that each takes is printed; how long that may be is for people to judge, and for no test.
 */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { english } from '../../src/web/words/english.tsx'
import { fillLists } from '../support/full-lists.ts'
import { signInAt } from '../support/second-factor.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

const isNight = process.env.GRANTLOG_TEST_NIGHTLY !== undefined
const rows = 1_000
const requestsEach = 200
const bytesMax = 30 * 1024

const pages = [
  ...['/account', '/account/security', '/developers/keys', '/developers/connected-apps'],
  ...['/developers/connected-apps?page=40', '/developers/connected-apps?search=number+77'],
  ...['/developers/connected-apps?search=nothing-of-it', '/admin', '/admin/clients'],
  ...['/admin/clients?q=nothing-of-it', '/admin/users', '/admin/users?q=nothing-of-it'],
  ...['/admin/grants', '/admin/grants?q=nothing-of-it', '/admin/tokens'],
  ...['/admin/tokens?q=nothing-of-it', '/admin/tokens?q=number+77', '/admin/sessions'],
  ...['/admin/sessions?q=nothing-of-it', '/admin/keys'],
]

let server: TestServer
let person: DemoPerson
beforeAll(async () => {
  server = await startTestServer({ apiTokens: { perAccount: 500 } })
  const { userId = '' } = (await findUserByEmail(server.services, admin.email)) ?? {}
  await fillLists(server, userId, rows)
  person = server.person()
  await signInAt(person, '/sign-in', admin)
}, 120_000)
afterAll(() => server.stop())

test('is below 30 KB, whatever there is', async () => {
  for (const path of pages) {
    const response = await person.open(path)
    const bytes = new TextEncoder().encode(await response.text()).length
    expect([path, response.status, bytes < bytesMax]).toEqual([path, 200, true])
  }
})

test('of sessions has those that somebody uses, this browser first, and says how many more', async () => {
  const html = await (await person.open('/account')).text()
  expect(html.match(/name="session" value="ses_/g)).toHaveLength(24)
  const own = html.indexOf(english.account.thisBrowser)
  expect(own > 0 && own < html.indexOf('name="session" value="ses_')).toBe(true)
  expect(html).toContain(english.account.moreSessions(String(rows / 2 + 1 - 25)))
})

test('of tokens is read a page at a time, and leads to the last', async () => {
  const names = async (query: string) => {
    const html = await (await person.open(`/developers/keys${query}`)).text()
    return [...html.matchAll(/href="\/developers\/keys\/(tok_\w+)"/g)].map(([, id]) => id)
  }
  const [first, last] = [await names('?page=1'), await names('?page=20')]
  expect([new Set(first).size, new Set(last).size]).toEqual([25, 25])
  expect(first.some((each) => last.includes(each))).toBe(false)
  expect(await names('?page=99')).toEqual(last)
})

test('of what a search found is in the order of the whole list', async () => {
  const ids = async (query: string) => {
    const html = await (await person.open(`/developers/connected-apps${query}`)).text()
    return [...new Set(html.match(/grt_[0-9a-f]{32}/g))]
  }
  expect(await ids('?search=assistant')).toEqual(await ids(''))
  expect(await ids('?search=assistant&page=50')).toEqual(await ids('?page=50'))
})

test.skipIf(!isNight)(
  'takes as long as is printed here',
  async () => {
    for (const path of pages) {
      const ms: number[] = []
      for (let nth = 0; nth < requestsEach; nth += 1) {
        const from = performance.now()
        await (await person.open(path)).text()
        ms.push(performance.now() - from)
      }
      ms.sort((a, b) => a - b)
      const at = (share: number) => (ms[Math.floor(share * (ms.length - 1))] ?? 0).toFixed(1)
      console.log(`${path}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`)
    }
  },
  600_000,
)
