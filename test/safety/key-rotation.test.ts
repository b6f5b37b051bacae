/**
 * Keys rotate for months, and at no moment does anybody hold a token that they cannot check: not
 * with the key set as it is, and not with a copy as old as a key is published ahead.
 *
 * @see [OpenID Connect Core 1.0 §10.1.1 - Rotation of Asymmetric Signing Keys](https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys)
 */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { signingAlgorithms } from '../../src/domain/signing-key.ts'
import { publishNextKey, replaceKeys } from '../../src/protocol/tokens/key-rotation.ts'
import { rotateKeys } from '../../src/tasks/rotate-keys.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const start = Date.UTC(2026, 0, 1)
const accessHours = 5
const aheadHours = 12
const keys = { rotateAfterSeconds: 5 * 86_400, publishAheadSeconds: aheadHours * 3600 }
const resources = [
  {
    resource: 'https://api.example.com/',
    name: 'Example',
    accessTokenFormat: 'jwt' as const,
    accessTokenTtlSeconds: accessHours * 3600,
    scopes: { read: 'Read' },
  },
]

let now = start
let server: TestServer
let issuer: string
beforeAll(async () => {
  server = await startTestServer({ keys, resources }, { clock: () => now })
  issuer = server.services.settings.issuer
})
afterAll(() => server.stop())

async function keySet(): Promise<JSONWebKeySet> {
  return (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet
}

function sign(alg: (typeof signingAlgorithms)[number]): Promise<string> {
  const iat = Math.floor(now / 1000)
  const exp = iat + accessHours * 3600
  return server.services.signer.sign({ iss: issuer, iat, exp }, { alg, typ: 'at+jwt' })
}

async function verifies(token: string, copy: JSONWebKeySet): Promise<boolean> {
  try {
    await jwtVerify(token, createLocalJWKSet(copy), { currentDate: new Date(now) })
    return true
  } catch {
    return false
  }
}

/** What `signing_keys_v1` holds of one algorithm, in the order of its life. */
async function statuses(algorithm: string): Promise<string[]> {
  const sql = 'SELECT "status" FROM "signing_keys_v1" WHERE "algorithm" = ? ORDER BY "status"'
  const rows = await server.services.reader.all({ sql, args: [algorithm] })
  return rows.map((row) => String(row.status))
}

describe('over two months of rotations', () => {
  test('every token verifies until it expires, with a key set of any age that may be kept', async () => {
    const copies: JSONWebKeySet[] = []
    let living: { token: string; expiresAt: number }[] = []
    let failures = 0
    for (let step = 0; step < 60 * 8; step += 1) {
      now = start + step * 3 * hourMs
      // The task runs late at times, as it does on a machine that was asleep.
      if (step % 7 !== 3) await rotateKeys(server.services)
      copies.push(await keySet())
      const oldest = copies.at(-aheadHours / 3) ?? (copies[0] as JSONWebKeySet)
      const signed = await Promise.all(signingAlgorithms.map(sign))
      const expiresAt = now + accessHours * hourMs
      living = [...living, ...signed.map((token) => ({ token, expiresAt }))]
      living = living.filter((token) => token.expiresAt > now)
      for (const { token } of living) {
        if (!(await verifies(token, copies.at(-1) as JSONWebKeySet))) failures += 1
      }
      for (const token of signed) if (!(await verifies(token, oldest))) failures += 1
    }
    expect(failures).toBe(0)
    for (const algorithm of signingAlgorithms) {
      const made = (await eventsOf(server, 'SigningKeyPublished')).filter(
        ({ payload }) => payload.algorithm === algorithm,
      )
      expect(made.length).toBeGreaterThan(10)
    }
  })

  test('what has been withdrawn is neither in the key set nor in the vault', async () => {
    const withdrawn = await eventsOf(server, 'SigningKeyWithdrawn')
    expect(withdrawn.length).toBeGreaterThan(27)
    const listed = (await keySet()).keys.map(({ kid }) => kid)
    for (const { payload } of withdrawn) {
      expect(listed).not.toContain(payload.keyId as string)
      expect(await server.services.secrets.read(`signing-key:${payload.keyId}`)).toBe(undefined)
    }
  })
})

describe('a rotation by command', () => {
  test('publishes the next key at once, and lets it wait until every copy has it', async () => {
    now += 30 * dayMs
    await rotateKeys(server.services)
    now += 2 * dayMs
    await rotateKeys(server.services)
    now += dayMs
    await rotateKeys(server.services)
    expect(await statuses('ES256')).toEqual(['active'])
    const { outcome, keyId } = await publishNextKey(server.services, 'ES256', { actor: 'cli' })
    expect(outcome).toBe('accepted')
    expect((await publishNextKey(server.services, 'ES256', { actor: 'cli' })).outcome).toBe(
      'refused',
    )
    expect((await keySet()).keys.map(({ kid }) => kid)).toContain(keyId)
    now += aheadHours * hourMs - 1
    await rotateKeys(server.services)
    expect(await statuses('ES256')).toEqual(['active', 'published'])
    now += 1
    await rotateKeys(server.services)
    expect(await statuses('ES256')).toEqual(['active', 'retired'])
  })
})

describe('when a key was stolen', () => {
  test('a new one signs at once, and nothing that the old ones signed is believed', async () => {
    await publishNextKey(server.services, 'ES256', { actor: 'cli' })
    const old = await sign('ES256')
    const other = await sign('EdDSA')
    const { keyId } = await replaceKeys(server.services, 'ES256', { actor: 'cli' })
    const ours = { typ: 'at+jwt', issuer }
    expect(await server.services.signer.verify(old, ours)).toBe(undefined)
    expect(await server.services.signer.verify(other, ours)).toMatchObject({ iss: issuer })
    expect(await server.services.signer.verify(await sign('ES256'), ours)).toBeDefined()
    const es256 = (await keySet()).keys.filter(({ alg }) => alg === 'ES256')
    expect(es256.map(({ kid }) => kid)).toEqual([keyId])
  })
})

describe('of processes that share a database', () => {
  test('one alone takes each step', async () => {
    const before = (await eventsOf(server, 'SigningKeyPublished')).length
    now += 30 * dayMs
    await Promise.all(Array.from({ length: 8 }, () => rotateKeys(server.services)))
    expect((await eventsOf(server, 'SigningKeyPublished')).length).toBe(before + 3)
    now += dayMs
    await Promise.all(Array.from({ length: 8 }, () => rotateKeys(server.services)))
    for (const algorithm of signingAlgorithms) {
      expect(await statuses(algorithm)).toEqual(['active', 'retired'])
    }
  })
})

test('the key set may be kept for less time than a key is published ahead', async () => {
  const { headers } = await fetch(`${server.url}/.well-known/jwks.json`)
  expect(headers.get('cache-control')).toBe('public, max-age=300')
})
