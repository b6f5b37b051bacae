import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { newPlace, type Place, run, sourceProgram, startServing } from './processes.ts'

let place: Place
beforeEach(async () => {
  place = await newPlace()
})
afterEach(() => place.remove())

const password = 'correct horse battery staple'

function create(email: string, input: string, ...flags: string[]) {
  const args = ['user', 'create', '--email', email, '--password-stdin', ...flags]
  return run(sourceProgram, { place, args, input })
}

describe('grantlog user create', () => {
  test('works without a server, and then the server knows the user', async () => {
    const created = await create('ada@example.com', `${password}\n`, '--admin')
    expect(created.err).toBe('')
    expect(created.out).toMatch(/^Created the admin ada@example\.com: usr_[0-9a-f]{32}\n$/)
    const server = await startServing(sourceProgram, place)
    expect(server.output()).not.toContain('There is no admin yet')
    expect(await server.end('SIGTERM')).toBe(0)
  })

  test('works while the server has the database, through its socket', async () => {
    const server = await startServing(sourceProgram, place)
    const created = await create('ada@example.com', password)
    expect(created.code).toBe(0)
    const again = await create('Ada@example.com', password)
    expect(again.code).toBe(1)
    expect(again.err).toBe(
      'Cannot create the user "Ada@example.com": somebody has this address already\n',
    )
    expect(server.output()).not.toContain(password)
    expect(await server.end('SIGINT')).toBe(0)
    expect(existsSync(join(place.folder, 'data', 'control.sock'))).toBe(false)
  })

  test('takes away the socket of a server that was killed', async () => {
    const killed = await startServing(sourceProgram, place)
    await killed.end('SIGKILL')
    expect((await create('ada@example.com', password)).code).toBe(0)
    const server = await startServing(sourceProgram, place)
    expect((await create('bob@example.com', password)).code).toBe(0)
    await server.end('SIGTERM')
  })

  test('refuses a password that is short or common, and says so', async () => {
    const short = await create('ada@example.com', 'seven77\n')
    expect([short.code, short.err]).toEqual([
      1,
      'Cannot create the user "ada@example.com": the password has under 8 characters\n',
    ])
    const common = await create('ada@example.com', 'password1')
    expect(common.code).toBe(1)
    expect(common.err).toContain('among those that are tried first')
  })
})

describe('grantlog user permissions', () => {
  test('sets them for somebody who is there', async () => {
    await create('ada@example.com', password)
    const set = (email: string, list: string) =>
      run(sourceProgram, { place, args: ['user', 'permissions', '--email', email, '--set', list] })
    expect((await set('ada@example.com', 'a:read,b')).out).toBe(
      'ada@example.com has now: a:read, b\n',
    )
    expect((await set('ada@example.com', '')).out).toBe('ada@example.com has now: no permissions\n')
    const nobody = await set('bob@example.com', 'a')
    expect([nobody.code, nobody.err]).toEqual([
      1,
      'Cannot set the permissions of "bob@example.com": nobody here has this address\n',
    ])
  })
})

describe('a command line', () => {
  test('that cannot be meant ends with 2, and says what would be', async () => {
    const noPassword = await run(sourceProgram, {
      place,
      args: ['user', 'create', '--email', 'a@b'],
    })
    expect(noPassword.code).toBe(2)
    expect(noPassword.err).toContain('--password-stdin')
    expect((await run(sourceProgram, { place, args: ['sevre'] })).code).toBe(2)
  })

  test('with wrong settings ends with 2 and every problem', async () => {
    const env = { GRANTLOG_PORT: 'x', GRANTLOG_ISSUR: 'y' }
    const { code, err } = await run(sourceProgram, { place, args: ['serve'], env })
    expect(code).toBe(2)
    expect(err).toBe(
      'Cannot use the settings:\n' +
        '  GRANTLOG_ISSUR: no such setting; did you mean GRANTLOG_ISSUER?\n' +
        '  GRANTLOG_PORT: must be a whole number from 0 to 65535, and is "x"\n',
    )
  })

  test('shows the settings in force, without secrets and without colours in a pipe', async () => {
    const env = { GRANTLOG_SECRET: 'a planted secret value', GRANTLOG_BRAND: 'Example' }
    const { code, out } = await run(sourceProgram, { place, args: ['settings'], env })
    expect(code).toBe(0)
    expect(out).toContain('brand = Example\n')
    expect(out).toContain('(GRANTLOG_BRAND; set by GRANTLOG_BRAND)\n')
    expect(out).toContain('(GRANTLOG_PORT; set by PORT)\n')
    expect(out).toContain('(GRANTLOG_REALM; the default)\n')
    expect(out).not.toContain('planted')
    expect(out).not.toContain('\x1b')
  })
})
