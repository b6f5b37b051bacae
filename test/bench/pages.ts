/**
 * `bun test/bench/pages.ts <folder> <grants>…`: how long the pages of administrators and of a person
 * with much take on databases of so many grants, and how long anybody else waits meanwhile, in
 * milliseconds. The databases stay in the folder, of which nothing else may be kept there.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { person, type Site, startSite } from './contenders/grantlog-server.ts'
import { type FilledSite, filledSite } from './growth/filled-site.ts'
import { grantIdOf, userIdOf } from './growth/loaded-grants.ts'
import { fillOthers } from './growth/other-rows.ts'
import { medianOf } from './load/percentiles.ts'
import { table } from './show/tables.ts'

const connections = 16
const times = 3

interface Timed {
  /** The median answer. */
  readonly ms: number
  /** The longest that another request waited. */
  readonly waitMs: number
}

interface Known {
  readonly userId: string
  readonly clientId: string
}

const fillAlone = '--fill'

const [folder = '', ...sizes] = process.argv.slice(2)
if (sizes[0] === fillAlone) await fill(Number(sizes[1]))
else console.log(await measureAll())
process.exit(0)

function fill(grants: number): Promise<FilledSite> {
  const kept = { grants, connections, folder: join(resolve(folder), 'pages') }
  return filledSite(kept, console.error)
}

async function measureAll(): Promise<string> {
  const columns: Map<string, Timed>[] = []
  for (const size of sizes.map(Number)) columns.push(await measure(size))
  const head = sizes.flatMap((size) => [`${size} grants`, 'others wait'])
  const rows = [...(columns[0]?.keys() ?? [])].map((name) => [
    name,
    ...columns.flatMap((column) => shown(column.get(name))),
  ])
  return table(['page', ...head], rows)
}

function shown(timed: Timed | undefined): string[] {
  return [timed?.ms, timed?.waitMs].map((ms) => (ms === undefined ? '–' : ms.toFixed(0)))
}

async function measure(grants: number): Promise<Map<string, Timed>> {
  // In a process of its own, or what another process writes then would not be seen here.
  const command = [fileURLToPath(import.meta.url), folder, fillAlone, String(grants)]
  spawnSync(process.execPath, command, { stdio: 'inherit' })
  const { site, clients } = await fill(grants)
  const userId = await furnish(site, grants)
  const child = await startSite(site)
  const timed = new Map<string, Timed>()
  try {
    const browser = await signedIn(site)
    for (const [name, path] of pagesOf({ userId, clientId: clients[0]?.id ?? '' })) {
      timed.set(name, await timesOf(site, browser, path))
    }
  } finally {
    await child.end()
  }
  return timed
}

/** Once; a note says that it was done, and for whom. */
async function furnish(site: Site, grants: number): Promise<string> {
  const note = join(site.directory, 'furnished')
  if (existsSync(note)) return readFileSync(note, 'utf8')
  const child = await startSite(site)
  const people = `/admin/users?q=${encodeURIComponent(person.email)}`
  const html = await (await (await signedIn(site)).open(people)).text()
  const userId = /"\/admin\/user\?id=(usr_\w+)"/.exec(html)?.[1] ?? ''
  await child.end()
  fillOthers({ directory: site.directory, grants, userId })
  writeFileSync(note, userId)
  return userId
}

async function signedIn({ url }: Site): Promise<DemoPerson> {
  const browser = new DemoPerson(url, person)
  const form = hiddenFields(await (await browser.open('/sign-in')).text())
  await browser.submit('/sign-in', { ...form, ...person })
  return browser
}

async function timesOf({ url }: Site, browser: DemoPerson, path: string): Promise<Timed> {
  const all: number[] = []
  let waitMs = 0
  for (let time = 0; time < times; time += 1) {
    let isOver = false
    const waits = longestWait(url, () => isOver)
    const start = performance.now()
    const response = await browser.open(path)
    await response.text()
    all.push(performance.now() - start)
    isOver = true
    waitMs = Math.max(waitMs, await waits)
    if (response.status !== 200) throw new Error(`Cannot time ${path}: ${response.status}`)
  }
  return { ms: medianOf(all), waitMs }
}

async function longestWait(url: string, isOver: () => boolean): Promise<number> {
  let longest = 0
  while (!isOver()) {
    const start = performance.now()
    await (await fetch(`${url}/healthz`)).text()
    longest = Math.max(longest, performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return longest
}

function pagesOf({ userId, clientId }: Known): [name: string, path: string][] {
  const of = { 'a person': userIdOf(7), 'who has much': userId }
  const lists = ['clients', 'users', 'grants', 'tokens', 'sessions', 'agents']
  return [
    ['overview', '/admin'],
    ...lists.flatMap((list): [string, string][] => [
      [list, `/admin/${list}`],
      [`${list}, searched in vain`, `/admin/${list}?q=nowhere`],
    ]),
    ...['grants', 'tokens', 'sessions'].flatMap((list) =>
      Object.entries(of).map(([whose, id]): [string, string] => [
        `${list} of ${whose}`,
        `/admin/${list}?user=${id}`,
      ]),
    ),
    ['grants, a person’s address', `/admin/grants?q=${encodeURIComponent(person.email)}`],
    ['grants of an app', `/admin/grants?client=${clientId}`],
    ['tokens of an app', `/admin/tokens?client=${clientId}`],
    ['a person', `/admin/user?id=${userId}`],
    ['a consent', `/admin/grant?id=${grantIdOf(7)}`],
    ['ending a session', '/admin/do/end-session?id=ses_000501'],
    ['account', '/account'],
    ['connected apps', '/developers/connected-apps'],
    ['connected apps, searched', '/developers/connected-apps?search=number'],
    ['approvals', '/approvals'],
    ['audit', '/audit/events'],
    ['audit by type', '/audit/events?type=GrantApproved,ClientRegistered'],
    ['audit by actor and type', '/audit/events?actor=system:benchmark&type=ClientRegistered'],
    ['audit by person', `/audit/events?user=${userIdOf(7)}`],
    ['audit by person who has much', `/audit/events?user=${userId}`],
    ['audit by client', `/audit/events?client=${clientId}`],
    ['audit by consent', `/audit/events?grant=${grantIdOf(7)}`],
    ['connected apps then', `/audit/connected-apps?user=${userIdOf(7)}`],
    ['connected apps then, of who has much', `/audit/connected-apps?user=${userId}`],
  ]
}
