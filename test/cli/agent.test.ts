import { registerAgent } from '../support/agents.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { newPlace, type Place, run, sourceProgram, startServing } from './processes.ts'

let place: Place
beforeEach(async () => {
  place = await newPlace()
})
afterEach(() => place.remove())

const grantlog = (...args: string[]) => run(sourceProgram, { place, args: ['agent', ...args] })

describe('grantlog agent', () => {
  test('ends an agent that waits, and says where there is none', async () => {
    Object.assign(place.env, { GRANTLOG_AGENTS_ENABLED: 'true' })
    const server = await startServing(sourceProgram, place)
    expect((await registerAgent(server)).status).toBe(201)
    expect((await grantlog('list')).out).toBe('')
    const bare = await grantlog('revoke', 'navigator')
    expect(bare.code).toBe(2)
    const ended = await grantlog('revoke', 'navigator', '--reason', 'spam')
    expect(ended.out).toBe('"navigator" has ended, and all that it gave\n')
    const again = await grantlog('revoke', 'navigator', '--reason', 'spam')
    expect([again.code, again.err]).toEqual([
      1,
      'Cannot revoke "navigator": there is no such agent\n',
    ])
    await server.end('SIGTERM')
  })
})
