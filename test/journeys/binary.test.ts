/** The one file that `npm run build` makes, alone in an empty folder. */
import { copyFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DemoPerson } from '../../src/cli/demo-person.ts'
import { newPlace, type Place, type Program, run, startServing } from '../cli/processes.ts'
import { type Binary, builtBinary } from '../support/binary.ts'
import { startDocumentServer } from '../support/document-server.ts'
import { freePort } from '../support/server.ts'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
} from '../support/test.ts'
import { outboundEnv, publishedClientFlow } from './published-client.ts'
import { adminEnv, wholeFlow } from './whole-flow.ts'

const buildTimeoutMs = 120_000
const starts = 5

let binary: Binary
beforeAll(() => {
  binary = builtBinary()
}, buildTimeoutMs)
afterAll(() => binary.remove())

/** A folder with nothing in it but the binary. */
let place: Place
let program: Program
beforeEach(async () => {
  const empty = await newPlace()
  place = { ...empty, env: { ...empty.env, ...adminEnv } }
  const alone = join(place.folder, 'grantlog')
  copyFileSync(binary.path, alone)
  program = [alone]
})
afterEach(() => place.remove())

const bob = { email: 'bob@example.com', password: 'another long enough password' }

function createBob() {
  const args = ['user', 'create', '--email', bob.email, '--password-stdin']
  return run(program, { place, args, input: bob.password })
}

/** Whether Bob gets from the sign-in form to his own page. */
async function canSignIn(url: string): Promise<boolean> {
  const person = new DemoPerson(url, bob)
  const form = await (await person.open('/sign-in')).text()
  const csrf = /name="csrf" value="([^"]+)"/.exec(form)?.[1] ?? ''
  const answer = await person.submit('/sign-in', { ...bob, csrf })
  return answer.headers.get('location') === '/account'
}

describe('the binary, alone in a folder', () => {
  test('serves the whole journey, keeps to its data folder, and ends with 0', async () => {
    const server = await startServing(program, place)
    await wholeFlow(server)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.output()).not.toContain('"level":"error"')
    expect(readdirSync(place.folder).sort()).toEqual(['data', 'grantlog'])
  })

  test('asks a site for what a client publishes, and no private address', async () => {
    const site = await startDocumentServer()
    const env = { ...place.env, ...outboundEnv(site) }
    const server = await startServing(program, { ...place, env })
    await publishedClientFlow(server, site)
    await server.end('SIGTERM')
    await site.stop()
  })

  test('makes a user without a server, and through a running one', async () => {
    expect(await createBob()).toMatchObject({ code: 0, err: '' })
    const server = await startServing(program, place)
    expect(await canSignIn(server.url)).toBe(true)
    const again = await createBob()
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('somebody has this address already')
    await server.end('SIGTERM')

    const fresh = await newPlace()
    const other = await startServing(program, fresh)
    const args = ['user', 'create', '--email', bob.email, '--password-stdin']
    const made = await run(program, { place: fresh, args, input: bob.password })
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(await canSignIn(other.url)).toBe(true)
    await other.end('SIGTERM')
    fresh.remove()
  })

  test('refuses a file that another process has, and says what to do', async () => {
    const server = await startServing(program, place)
    const env = { PORT: String(await freePort()) }
    const second = await run(program, { place, args: ['serve'], env })
    expect(second.code).toBe(1)
    expect(second.err).toContain('another Grantlog process has it; stop that one, or give both a')
    expect(second.err).toContain('libSQL server (GRANTLOG_DATABASE_URL=http://…)')
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    await server.end('SIGTERM')
  })

  test(`starts ${starts} times; how long that takes is printed`, async () => {
    const times: number[] = []
    for (let start = 0; start < starts; start += 1) {
      const from = performance.now()
      const server = await startServing(program, place)
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
      times.push(Math.round(performance.now() - from))
      expect(await server.end('SIGTERM')).toBe(0)
    }
    const megabytes = Math.round(statSync(binary.path).size / 1e6)
    console.log(`binary of ${megabytes} MB, from spawn to an answer: ${times.join(', ')} ms`)
  })
})
