/** An operator at the command line looks at the tools of a server elsewhere, and approves one. */
import { join } from 'node:path'
import { openKeyring } from '../../src/config/secret.ts'
import { defaultSettings } from '../../src/config/settings.ts'
import { ToolDefinitions } from '../../src/gateway/tool-definitions.ts'
import { createLogger } from '../../src/runtimes/logger.ts'
import { openServices } from '../../src/server.ts'
import { currentRuntime } from '../support/server.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { newPlace, type Place, run, sourceProgram } from './processes.ts'

const identifier = 'https://auth.example.com/mcp/notes'

let place: Place
beforeEach(async () => {
  place = await newPlace()
})
afterEach(() => place.remove())

/** What a server said of its tools, one list after the other, in the database of this place. */
async function listed(...lists: readonly Record<string, unknown>[][]) {
  const settings = defaultSettings({
    dataDir: join(place.folder, 'data'),
    issuer: 'https://auth.example.com',
    resources: [
      {
        resource: identifier,
        name: 'Notes',
        scopes: { all: 'All' },
        upstream: { url: 'https://notes.example.com/mcp' },
      },
    ],
  })
  const logger = createLogger({ level: 'silent', pretty: false, write: () => {} })
  const parts = {
    settings,
    keyring: openKeyring(settings),
    runtime: await currentRuntime(),
    logger,
  }
  const { services, close } = await openServices(parts)
  const [resource] = settings.resources
  if (!resource?.upstream) throw new Error('There is no upstream')
  const definitions = new ToolDefinitions(services, resource, resource.upstream)
  for (const tools of lists) await definitions.note(tools, 'cor_test')
  await close()
}

const grantlog = (...args: string[]) => run(sourceProgram, { place, args: ['gateway', ...args] })
const approve = (definition: string, ...more: string[]) =>
  grantlog('approve', 'read', '--resource', identifier, '--definition', definition, ...more)

describe('grantlog gateway', () => {
  test('shows what has changed, and approves what was looked at', async () => {
    const hidden = 'Reads\u001b[2J and \u202esends'
    await listed([{ name: 'read', description: 'Reads' }], [{ name: 'read', description: hidden }])
    const { out } = await grantlog('tools')
    expect(out).toContain('    - description: "Reads"\n')
    expect(out).toContain('    + description: "Reads\\u001b[2J and \\u202esends"\n')
    const hash = /changed {2}(\S{43}) {2}read$/m.exec(out)?.[1] ?? ''
    const wrong = await approve('x'.repeat(43), '--reason', 'fine')
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('it is another now')])
    expect((await approve(hash)).code).toBe(2)
    const done = await approve(hash, '--reason', 'we were told')
    expect([done.code, done.out]).toEqual([0, 'read is approved as it is now\n'])
    expect((await grantlog('tools')).out).toMatch(/trusted {2}\S{43} {2}read\n$/)
    expect((await approve(hash, '--reason', 'again')).err).toContain('it is approved as it is')
  })

  test('knows no tool that nobody saw', async () => {
    const nobody = await approve('x'.repeat(43), '--reason', 'fine')
    expect([nobody.code, nobody.err]).toEqual([
      1,
      'Cannot approve "read": nobody has seen a tool of this name there\n',
    ])
    expect((await grantlog('tools')).out).toBe('')
  })
})
