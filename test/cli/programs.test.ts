/** The same command line, however it is started: by Node from a checkout, on Deno, as one binary. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import {
  denoProgram,
  newPlace,
  type Place,
  type Program,
  run,
  scriptProgram,
  startServing,
} from './processes.ts'

let place: Place
beforeAll(async () => {
  place = await newPlace()
})
afterAll(() => place.remove())

async function serves(program: Program, where: Place): Promise<void> {
  const server = await startServing(program, where)
  const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`)
  expect(metadata.status).toBe(200)
  expect(await metadata.json()).toMatchObject({ issuer: server.url })
  expect(await server.end('SIGTERM')).toBe(0)
}

describe('the script that npm calls', () => {
  test('finds Bun, passes the exit code on, and the signal in', async () => {
    expect((await run(scriptProgram, { place, args: ['nonsense'] })).code).toBe(2)
    await serves(scriptProgram, place)
  })
})

describe('Deno', () => {
  test('serves the same, makes users through the same socket, and stops when it is told', async () => {
    const where = await newPlace()
    const server = await startServing(denoProgram, where)
    const args = ['user', 'create', '--email', 'ada@example.com', '--password-stdin']
    const created = await run(denoProgram, { place: where, args, input: 'correct horse battery' })
    expect([created.code, created.err]).toEqual([0, ''])
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.output()).toContain('Shutting down')
    where.remove()
  })
})

describe('the binary', () => {
  test('needs nothing beside it: code, migrations, worker and addon are inside', async () => {
    const alone = await newPlace()
    const binary = join(alone.folder, 'grantlog')
    const built = Bun.spawnSync([process.execPath, 'build.ts', binary])
    expect(built.stderr.toString()).toBe('')
    expect(existsSync(binary)).toBe(true)
    await serves([binary], alone)
    alone.remove()
  })
})
