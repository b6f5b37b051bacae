import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { newPlace, type Place, run, sourceProgram, startServing } from './processes.ts'

let place: Place
beforeEach(async () => {
  place = await newPlace()
})
afterEach(() => place.remove())

const grantlog = (...args: string[]) => run(sourceProgram, { place, args: ['key', ...args] })

async function keySet(url: string): Promise<{ kid: string; alg: string }[]> {
  const response = await fetch(`${url}/.well-known/jwks.json`)
  return ((await response.json()) as { keys: { kid: string; alg: string }[] }).keys
}

describe('grantlog key', () => {
  test('lists and rotates while the server runs, which shows it at once', async () => {
    const server = await startServing(sourceProgram, place)
    const before = await keySet(server.url)
    const rotated = await grantlog('rotate')
    expect(rotated.err).toBe('')
    expect(rotated.out).toMatch(/^\S{43} is published, and signs from \d{4}-/)
    const [keyId] = rotated.out.split(' ')
    expect((await keySet(server.url)).length).toBe(before.length + 1)
    const listed = await grantlog('list')
    expect(listed.out).toMatch(new RegExp(`^ES256 +published +\\S+ +${keyId}$`, 'm'))
    expect(listed.out.match(/ active /g)?.length).toBe(3)

    const again = await grantlog('rotate', '--alg', 'ES256')
    expect(again.code).toBe(1)
    expect(again.err).toContain('Cannot rotate ES256: a next key is published already')

    const now = await grantlog('rotate', '--alg', 'ES256', '--now')
    expect(now.out).toMatch(/^\S{43} signs now; every other ES256 key is withdrawn\n$/)
    const after = await keySet(server.url)
    expect(after.filter(({ alg }) => alg === 'ES256').map(({ kid }) => kid)).toEqual([
      now.out.slice(0, 43),
    ])
    await server.end('SIGTERM')
  })

  test('works without a server too, and on no other algorithm', async () => {
    expect((await grantlog('rotate', '--alg', 'EdDSA')).code).toBe(0)
    expect((await grantlog('list')).out).toMatch(/^EdDSA +published /)
    const server = await startServing(sourceProgram, place)
    expect((await keySet(server.url)).map(({ alg }) => alg).sort()).toEqual([
      'ES256',
      'EdDSA',
      'RS256',
    ])
    expect((await grantlog('list')).out).toMatch(/^EdDSA +active /m)
    await server.end('SIGTERM')
    const wrong = await grantlog('rotate', '--alg', 'HS256')
    expect([wrong.code, wrong.err]).toEqual([
      2,
      'Cannot rotate "HS256": it is none of ES256, RS256, EdDSA\n',
    ])
  })
})
