/** What the server needs of a runtime, held for the one that runs this: Bun, and then Deno. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { currentRuntime } from '../support/server.ts'
import { afterAll, describe, expect, test } from '../support/test.ts'

/** "correct horse", by bcrypt with cost 4. */
const bcryptHash = '$2b$04$33tE6zU7ECkia9G9UEqC5uURQ0djqLuDey6gBjVK61MAdqHRw2Spa'

const runtime = await currentRuntime()
const folder = mkdtempSync(join(tmpdir(), 'grantlog-runtime-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe(`listening on ${runtime.name}`, () => {
  test('tells the port that the system chose, and who asks', async () => {
    const listener = await runtime.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: (_request, { remoteAddress }) => new Response(remoteAddress),
    })
    const response = await fetch(`http://127.0.0.1:${listener.port}/`)
    expect(await response.text()).toBe('127.0.0.1')
    await listener.stop()
  })

  test('stops when what is under way is answered', async () => {
    const arrived = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    const listener = await runtime.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: async () => {
        arrived.resolve()
        await answer.promise
        return new Response('finished')
      },
    })
    const url = `http://127.0.0.1:${listener.port}/`
    const asked = fetch(url).then((response) => response.text())
    await arrived.promise
    const stopped = listener.stop()
    answer.resolve()
    expect(await asked).toBe('finished')
    await stopped
    await expect(fetch(url)).rejects.toThrow()
  })

  test('shows nobody outside an exception that reaches the runtime', async () => {
    const listener = await runtime.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: () => {
        throw new Error('planted')
      },
    })
    const response = await fetch(`http://127.0.0.1:${listener.port}/`)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('planted')
    await listener.stop()
  })
})

describe(`a unix socket on ${runtime.name}`, () => {
  const path = join(folder, 'private', 'control.sock')

  test('carries HTTP, is for its owner alone, replaces a stale one and goes with its server', async () => {
    const serve = () =>
      runtime.serveUnix({
        path,
        fetch: async (request) => new Response(`${request.method} ${await request.text()}`),
      })
    const first = await serve()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const request = () => new Request('http://localhost/users', { method: 'POST', body: 'ada' })
    expect(await (await runtime.fetchUnix(path, request())).text()).toBe('POST ada')
    await first.stop()
    expect(existsSync(path)).toBe(false)
    await expect(runtime.fetchUnix(path, request())).rejects.toThrow()
  })

  test('has a path that fits into an address', async () => {
    const long = join(folder, 'x'.repeat(100))
    await expect(runtime.serveUnix({ path: long, fetch: () => new Response() })).rejects.toThrow(
      'choose a shorter GRANTLOG_DATA_DIR',
    )
  })
})

describe(`passwords on ${runtime.name}`, () => {
  test('are hashed with argon2id at the cost that we set', async () => {
    const hash = await runtime.passwords.hash('correct horse')
    expect(hash.startsWith('$argon2id$v=19$m=19456,t=2,p=1$')).toBe(true)
    expect(await runtime.passwords.verify('correct horse', hash)).toBe(true)
    expect(await runtime.passwords.verify('incorrect horse', hash)).toBe(false)
  })

  test('are hashed with bcrypt of ten rounds where that is wanted', async () => {
    const hash = await runtime.passwords.hash('correct horse', 'bcrypt')
    expect(hash).toMatch(/^\$2[aby]\$10\$/)
    expect(await runtime.passwords.verify('correct horse', hash)).toBe(true)
    expect(await runtime.passwords.verify('incorrect horse', hash)).toBe(false)
  })

  test('are verified against bcrypt too, and never against what is no hash', async () => {
    expect(await runtime.passwords.verify('correct horse', bcryptHash)).toBe(true)
    expect(await runtime.passwords.verify('incorrect horse', bcryptHash)).toBe(false)
    expect(await runtime.passwords.verify('correct horse', 'correct horse')).toBe(false)
  })
})
