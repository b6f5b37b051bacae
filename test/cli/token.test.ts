/** API tokens from the command line: an operator makes them, and a person uses one from elsewhere. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import {
  newPlace,
  type Place,
  run,
  type Serving,
  sourceProgram,
  startServing,
} from './processes.ts'

let place: Place
let serving: Serving | undefined
beforeEach(async () => {
  place = await newPlace()
  place.env.HOME = place.folder
})
afterEach(async () => {
  await serving?.end('SIGTERM')
  serving = undefined
  place.remove()
})

function grantlog(args: string[], input = '') {
  return run(sourceProgram, { place, args, input })
}

const email = ['--email', 'ada@example.com']
const password = 'correct horse battery staple'

describe('grantlog token', () => {
  test('makes one for a person, shows it by its end, revokes it; whoami tells whose it is', async () => {
    await grantlog(['user', 'create', ...email, '--password-stdin'], password)
    serving = await startServing(sourceProgram, place)
    const wish = ['--name', 'Backups', '--scopes', 'read', '--expires-days', '0']
    const made = await grantlog(['token', 'create', ...email, ...wish])
    const token = made.out.trim()
    expect([made.code, token]).toEqual([0, expect.stringMatching(/^glt_live_/)])
    const [id = ''] = /tok_[0-9a-f]+/.exec(made.err) ?? []
    const listed = await grantlog(['token', 'list', ...email])
    expect(listed.out).toBe(
      `${id}  "Backups"  …${token.slice(-4)}  ${serving.url}/api/mcp  read  no end\n`,
    )

    expect((await grantlog(['whoami'])).err).toContain('there is no token yet')
    await grantlog(['config', 'set', 'api.url', `${serving.url}/`])
    expect((await grantlog(['config', 'set', 'api.token', '-'], `${token}\n`)).code).toBe(0)
    const file = join(place.folder, '.config/grantlog/config.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      'api.url': serving.url,
      'api.token': token,
    })
    const who = await grantlog(['whoami'])
    expect([who.code, who.err]).toEqual([0, ''])
    expect(who.out).toContain(`Backups (…${token.slice(-4)})`)
    expect(who.out).not.toContain(token)
    const waiting = await grantlog(['approvals'])
    expect([waiting.code, waiting.out, waiting.err]).toEqual([0, 'Nothing waits for you\n', ''])

    expect((await grantlog(['token', 'revoke', id])).out).toBe(`${id} is revoked\n`)
    expect((await grantlog(['token', 'revoke', id])).code).toBe(1)
    const after = await grantlog(['whoami'])
    expect([after.code, after.err]).toEqual([
      ...[1, `Cannot ask ${serving.url}: the token is not valid there\n`],
    ])
    expect(serving.output()).not.toContain(token)
  })

  test('refuses what cannot be, and says why', async () => {
    await grantlog(['user', 'create', ...email, '--password-stdin'], password)
    const create = (...more: string[]) => grantlog(['token', 'create', ...more, '--name', 'x'])
    const unknown = await create('--email', 'x@example.com', '--scopes', 'read')
    expect(unknown.err).toBe('Cannot make the token: nobody has this address\n')
    const scope = await create(...email, '--scopes', 'rule')
    expect(scope.err).toContain('may not give one of the scopes')
    expect((await create(...email, '--scopes', 'a', '--expires-days', 'x')).code).toBe(2)
    expect((await grantlog(['config', 'set', 'api.key', 'x'])).code).toBe(2)
    expect((await grantlog(['config', 'set', 'api.url', 'ftp://x'])).code).toBe(1)
  })
})
