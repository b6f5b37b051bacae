import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { newPlace, type Place, run, sourceProgram, startServing } from './processes.ts'

let place: Place
beforeEach(async () => {
  place = await newPlace()
})
afterEach(() => place.remove())

function reset(email: string, reason: string) {
  const args = ['user', 'reset-second-factor', '--email', email, '--reason', reason]
  return run(sourceProgram, { place, args })
}

describe('grantlog user reset-second-factor', () => {
  test('says what it cannot do, with a server and without', async () => {
    const args = ['user', 'create', '--email', 'ada@example.com', '--password-stdin']
    await run(sourceProgram, { place, args, input: 'correct horse battery staple' })
    const none = [
      1,
      'Cannot reset the second factor of "ada@example.com": there is neither a passkey nor an app that shows codes\n',
    ]
    const without = await reset('ada@example.com', 'Lost')
    expect([without.code, without.err]).toEqual(none)
    const server = await startServing(sourceProgram, place)
    const within = await reset('ada@example.com', 'Lost')
    expect([within.code, within.err]).toEqual(none)
    const unknown = await reset('nobody@example.com', 'Lost')
    expect([unknown.code, unknown.err]).toEqual([
      1,
      'Cannot reset the second factor of "nobody@example.com": nobody has this address\n',
    ])
    expect((await reset('ada@example.com', '')).code).not.toBe(0)
    expect(await server.end('SIGTERM')).toBe(0)
  })
})
