import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from '../support/certificate.ts'
import { basic } from '../support/oauth-client.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'
import { newPlace, type Place, run, sourceProgram, startServing } from './processes.ts'

let place: Place
beforeEach(async () => {
  place = await newPlace()
})
afterEach(() => place.remove())

const grantlog = (...args: string[]) => run(sourceProgram, { place, args: ['client', ...args] })
const create = (...args: string[]) =>
  grantlog('create', '--name', 'Acme', '--redirect-uri', 'https://acme.example/cb', ...args)

const lineOf = (out: string, name: string) =>
  new RegExp(`^${name} +(.+)$`, 'm').exec(out)?.[1] ?? ''

/** What the token endpoint says: 400 to a client that proved itself, 401 to a stranger. */
async function status(url: string, id: string, secret: string): Promise<number> {
  const headers = { authorization: basic(id, secret) }
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' })
  return (await fetch(`${url}/oauth/token`, { method: 'POST', headers, body })).status
}

describe('grantlog client', () => {
  test('looks after a client while the server runs, which knows it at once', async () => {
    const server = await startServing(sourceProgram, place)
    const created = await create('--redirect-uri', 'http://localhost/cb', '--scope', 'read')
    expect([created.code, created.err]).toEqual([
      0,
      'The secret is shown this once, and kept nowhere: save it now\n',
    ])
    const [id, secret] = [lineOf(created.out, 'client_id'), lineOf(created.out, 'client_secret')]
    expect(id).toMatch(/^cli_[0-9a-f]{32}$/)
    expect(created.out.match(/^redirect_uri /gm)).toHaveLength(2)
    expect(await status(server.url, id, secret)).toBe(400)

    const listed = await grantlog('list')
    expect(listed.out).toMatch(
      new RegExp(`^${id} +active +preregistered +client_secret_basic +Acme$`, 'm'),
    )
    expect((await grantlog('show', id)).out).toContain('scope        read')
    expect((await grantlog('show', id)).out).not.toContain(secret)

    const rotated = await grantlog('rotate-secret', id)
    const next = lineOf(rotated.out, 'client_secret')
    expect(rotated.err).toContain('is good for 86400 more seconds')
    expect(await status(server.url, id, secret)).toBe(400)
    expect(await status(server.url, id, next)).toBe(400)
    await grantlog('rotate-secret', id, '--overlap-seconds', '0')
    expect(await status(server.url, id, next)).toBe(401)

    expect((await grantlog('disable', id, '--reason', 'phishing')).out).toBe(`Disabled ${id}\n`)
    expect((await grantlog('show', id)).out).toMatch(/^status +disabled$/m)
    expect((await grantlog('enable', id)).out).toBe(`Enabled ${id}\n`)
    expect((await grantlog('delete', id)).out).toBe(`Deleted ${id}\n`)
    expect((await grantlog('show', id)).code).toBe(1)
    await server.end('SIGTERM')

    const files = readdirSync(place.folder, { recursive: true, withFileTypes: true })
    const kept = files.filter((file) => file.isFile())
    const bytes = kept.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
    for (const planted of [secret, next]) {
      expect(bytes.join('').includes(planted)).toBe(false)
      expect(server.output().includes(planted)).toBe(false)
    }
  })

  test('works without a server, and then the server knows the client', async () => {
    const created = await create('--auth-method', 'client_secret_post')
    expect(created.code).toBe(0)
    const open = await create('--auth-method', 'none')
    expect(open.out).not.toContain('client_secret')
    const server = await startServing(sourceProgram, place)
    const client_id = lineOf(created.out, 'client_id')
    const client_secret = lineOf(created.out, 'client_secret')
    const body = new URLSearchParams({
      ...{ client_id, client_secret },
      ...{ grant_type: 'refresh_token', refresh_token: 'x' },
    })
    const answer = await fetch(`${server.url}/oauth/token`, { method: 'POST', body })
    expect(answer.status).toBe(400)
    await server.end('SIGTERM')
  })

  test('adds clients that ask people elsewhere, where the server lets any', async () => {
    const ciba = 'urn:openid:params:grant-type:ciba'
    const asker = ['create', '--name', 'Counter', '--grant-type', ciba] as const
    const off = await grantlog(...asker)
    expect([off.code, off.err]).toEqual([1, expect.stringContaining('grant_types must include')])
    place.env.GRANTLOG_CIBA_ENABLED = 'true'
    expect((await grantlog(...asker)).out).toContain(ciba)
    const pinged = await grantlog(...asker, '--notify-at', 'https://client.example/ping')
    expect([pinged.code, pinged.out]).toEqual([0, expect.stringContaining(ciba)])
    expect((await grantlog(...asker, '--notify-at', 'http://client.example')).code).toBe(1)
  })

  test('adds clients that prove themselves by a certificate', async () => {
    place.env.GRANTLOG_TRUSTED_PROXIES = '127.0.0.1'
    place.env.GRANTLOG_MTLS_CERTIFICATE_HEADER = 'Client-Cert'
    const file = join(place.folder, 'agent.pem')
    writeFileSync(file, selfSigned(['agent.example']).certificate)
    const byKey = ['--auth-method', 'self_signed_tls_client_auth', '--certificate', file]
    const own = await create(...byKey)
    expect([own.code, own.err]).toEqual([0, ''])
    expect(own.out).toMatch(/^auth_method +self_signed_tls_client_auth$/m)

    const byName = ['--auth-method', 'tls_client_auth', '--certificate-name']
    const early = await create(...byName, 'san_dns=agent.example')
    expect([early.code, early.err]).toEqual([1, expect.stringContaining('mtls.verified_header')])
    place.env.GRANTLOG_MTLS_VERIFIED_HEADER = 'Client-Verify'
    const named = await create(...byName, 'subject_dn=CN=agent,O=Acme')
    expect(named.out).toMatch(/^certificate +subject_dn=CN=agent,O=Acme$/m)

    const nonsense = join(place.folder, 'nonsense.pem')
    writeFileSync(nonsense, 'nonsense')
    const wrong: [args: string[], code: number, words: string][] = [
      [[...byName, 'agent.example'], 1, 'exactly one of'],
      [[...byName, 'dns=agent.example'], 1, 'exactly one of'],
      [['--auth-method', 'self_signed_tls_client_auth'], 1, 'needs jwks'],
      [[...byKey, '--certificate', join(place.folder, 'none.pem')], 2, 'there is no such file'],
      [[...byKey, '--certificate', nonsense], 1, 'must hold one certificate'],
    ]
    for (const [args, code, words] of wrong) {
      const result = await create(...args)
      expect([args.join(' '), result.code]).toEqual([args.join(' '), code])
      expect(result.err).toContain(words)
    }
  })

  test('says what is wrong', async () => {
    const refusals: [args: string[], code: number, words: string][] = [
      [['create', '--name', 'x'], 1, 'redirect_uris must name at least one'],
      [['create', '--redirect-uri', 'http://localhost/cb'], 2, '--name'],
      [['create', '--name', 'x', '--redirect-uri', 'http://a.example/'], 1, 'redirect_uris[0]'],
      [['show', 'cli_unknown'], 1, 'there is no such client'],
      [['rotate-secret', 'cli_unknown'], 1, 'there is no such client'],
      [['rotate-secret', 'cli_unknown', '--overlap-seconds', '-1'], 2, '0 to '],
      [['disable', 'cli_unknown'], 2, '--reason'],
      [['delete', 'cli_unknown'], 1, 'there is no such client'],
    ]
    for (const [args, code, words] of refusals) {
      const result = await grantlog(...args)
      expect([args.join(' '), result.code]).toEqual([args.join(' '), code])
      expect(result.err).toContain(words)
    }
  })
})
