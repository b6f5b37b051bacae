import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { newPlace, type Place, run, sourceProgram } from './processes.ts'

let place: Place
beforeEach(async () => {
  place = await newPlace()
})
afterEach(() => place.remove())

function grantlog(input: string, ...args: string[]) {
  return run(sourceProgram, { place, args: ['user', ...args], input })
}

describe('grantlog user groups', () => {
  test('says which groups a person is in, all of them, and refuses what cannot be', async () => {
    const email = ['--email', 'ada@example.com']
    await grantlog('correct horse battery staple', 'create', ...email, '--password-stdin')
    const set = await grantlog('', 'groups', ...email, '--set', 'editors, staff')
    expect([set.code, set.out]).toEqual([0, 'ada@example.com is in editors, staff\n'])
    const none = await grantlog('', 'groups', ...email, '--set', '')
    expect([none.code, none.out]).toEqual([0, 'ada@example.com is in no group\n'])
    const reserved = await grantlog('', 'groups', ...email, '--set', 'admin')
    expect([reserved.code, reserved.err]).toEqual([
      1,
      'Cannot set the groups of "ada@example.com": administrators, and they alone, are in the group "admin"\n',
    ])
    const unknown = await grantlog('', 'groups', '--email', 'x@example.com', '--set', 'a')
    expect([unknown.code, unknown.err]).toEqual([
      1,
      'Cannot set the groups of "x@example.com": nobody has this address\n',
    ])
  })
})
