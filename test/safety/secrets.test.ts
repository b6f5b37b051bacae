/**
 * No secret is written down or said back: after a workload with planted ones, wrong turns
 * included, none of them is found in the files of the database, in the log output, or in what
 * was answered to whoever went wrong; neither as it is nor in base64, base64url or hex.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import {
  authorizationUrl,
  authorize,
  basic,
  connect,
  isLive,
  newPkce,
  post,
  type Registered,
  redeem,
  redirectUri,
  refresh,
  register,
  type Tokens,
} from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { secretsIn } from './secret-search.ts'

const jwtResource = 'https://jwt.example/mcp'
const bob = { email: 'bob@example.com', password: 'planted: a passphrase of bob' }
const typed = 'planted: a password that was typed wrong'
const form = 'application/x-www-form-urlencoded'

let server: TestServer
let fresh: TestServer
let setupToken = ''
let mail: MailServer
/** By what they are, so that a failure says what leaked and never the secret. */
const planted = new Map<string, string>()
/** Everything that was answered to requests that went wrong, headers included. */
const errorReplies: string[] = []
let files: { name: string; bytes: Buffer }[] = []
let logged = ''

function plant(name: string, secret: string | undefined): string {
  if (!secret) throw new Error(`Cannot plant "${name}": there is none`)
  planted.set(`${name} ${planted.size}`, secret)
  return secret
}

/** Sends what is wrong, and keeps the answer. */
async function wrong(path: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(server.url + path, { redirect: 'manual', ...init })
  const head = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
  errorReplies.push(`${head}\n${await response.text()}`)
  expect(response.status).toBeGreaterThanOrEqual(400)
  expect(response.status).toBeLessThan(500)
  return response.status
}

function posted(
  fields: Record<string, string> | string,
  headers: Record<string, string> = {},
): RequestInit {
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString()
  return { method: 'POST', headers: { 'content-type': form, ...headers }, body }
}

function filesBelow(folder: string): { name: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'secret')
    .map((entry) => ({ name: entry.name, bytes: readFileSync(join(entry.parentPath, entry.name)) }))
}

beforeAll(async () => {
  mail = await startMailServer()
  server = await startTestServer({
    mail: { url: mail.url },
    limits: { clientFailuresMax: 1000 },
    rateLimits: { failedAuthentication: { requests: 0 } },
    resources: [
      {
        resource: 'https://opaque.example/mcp',
        name: 'Opaque',
        scopes: { read: 'Read' },
        defaultScopes: ['read'],
      },
      {
        resource: jwtResource,
        name: 'JWT',
        scopes: { read: 'Read' },
        defaultScopes: ['read'],
        accessTokenFormat: 'jwt',
      },
    ],
  })
  fresh = await startTestServer({}, { withoutAdmin: true })
  await signInAndOut()
  await passwordByMail()
  await whatGoesRight()
  await whatGoesWrong()
  setupToken = await setUp()
  await server.services.observations.flush()
  files = [...filesBelow(server.dataDir), ...filesBelow(fresh.dataDir)]
  logged = server.logged() + fresh.logged()
})
afterAll(async () => {
  await Promise.all([server.stop(), fresh.stop()])
  await mail.stop()
})

function keepTokens(tokens: Tokens): void {
  plant('access token', tokens.access_token)
  plant('refresh token', tokens.refresh_token)
}

async function signInAndOut(): Promise<void> {
  plant('password of the admin', admin.password)
  plant('password', bob.password)
  await registerUser(server.services, { ...bob, name: '', admin: false, actor: 'cli' })
  const person = server.person(bob)
  const fields = hiddenFields(await (await person.open('/sign-in')).text())
  plant('mistyped password', typed)
  for (const password of [typed, bob.password])
    await person.submit('/sign-in', { ...fields, ...bob, password })
  for (const cookie of person.cookie.split('; ')) plant('cookie', cookie.split('=')[1])
  const account = await (await person.open('/account')).text()
  const out = account.split('<form').find((part) => part.includes('/sign-out')) ?? ''
  // A password in the place of the e-mail address: told back to whoever typed it, kept nowhere.
  await server.person().submit('/sign-in', { ...fields, email: bob.password, password: bob.email })
  await person.submit('/sign-out', hiddenFields(out))
}

/** A forgotten password: one link is used up, one is left lying. */
async function passwordByMail(): Promise<void> {
  const person = server.person(bob)
  for (const password of ['short', plant('password by mail', 'planted by a link in a mail')]) {
    const ask = hiddenFields(await (await person.open('/password/forgotten')).text())
    await server.services.mail.idle()
    const after = mail.received.length
    await person.submit('/password/forgotten', { ...ask, email: bob.email })
    const link = await mail.nextLink({ to: bob.email, after })
    plant('link in a mail', new URL(link, server.url).searchParams.get('token') ?? '')
    const fields = hiddenFields(await (await person.open(link)).text())
    await person.submit('/password/new', { ...fields, password })
  }
}

async function whatGoesRight(): Promise<void> {
  const { client, tokens, code, pkce } = await connect(server, { scope: 'read openid' })
  plant('code', code)
  plant('verifier', pkce.verifier)
  plant('ID token', tokens.id_token)
  keepTokens(tokens)
  const { body } = await refresh(server, { client, refreshToken: tokens.refresh_token })
  keepTokens(body)
  await refresh(server, { client, refreshToken: tokens.refresh_token })
  const jwt = await connect(server, { resource: jwtResource })
  keepTokens(jwt.tokens)
  expect(await isLive(server, jwt.tokens.access_token)).toBe(true)
  await post(server, '/oauth/revoke', {
    form: { client_id: jwt.client.client_id, token: jwt.tokens.access_token },
  })
}

async function confidential(method: string): Promise<Registered & { secret: string }> {
  const client = await register(server, { token_endpoint_auth_method: method })
  plant('management token', String(client.registration_access_token))
  return { ...client, secret: plant('client secret', client.client_secret) }
}

async function whatGoesWrong(): Promise<void> {
  const byBasic = await confidential('client_secret_basic')
  const byPost = await confidential('client_secret_post')
  const authorization = basic(byBasic.client_id, byBasic.secret)
  const { code, pkce } = await authorize(server, byBasic)
  plant('code', code)
  plant('verifier', pkce.verifier)
  const grant = { grant_type: 'authorization_code', redirect_uri: redirectUri }
  const given = { ...grant, code, code_verifier: pkce.verifier }
  const credentials = { client_id: byBasic.client_id, client_secret: byBasic.secret }
  for (const path of ['/oauth/token', '/oauth/revoke', '/oauth/introspect', '/oauth/register']) {
    // Secrets as names, as values of the wrong names, in JSON, twice, without a form, too many.
    for (const secret of [code, pkce.verifier, byBasic.secret, typed]) {
      await wrong(path, posted(secret))
      await wrong(path, posted(`${secret}&${secret}`))
      await wrong(
        path,
        posted({ [secret]: secret, grant_type: secret, client_id: secret, token: secret }),
      )
      await wrong(path, posted({ ...given, grant_type: secret, ...credentials }))
      await wrong(path, posted({ ...given, client_id: byBasic.client_id, client_secret: secret }))
      await wrong(path, posted({}, { authorization: `Basic ${secret}` }))
      await wrong(path, posted({}, { authorization: basic(secret, secret) }))
      await wrong(path, posted({}, { authorization: `Bearer ${secret}` }))
      const headers = { 'content-type': 'application/json' }
      for (const json of [
        `{"${secret}"`,
        `"${secret}"`,
        JSON.stringify({ redirect_uris: [secret], [secret]: secret }),
      ]) {
        await wrong(path, { method: 'POST', headers, body: json })
      }
      await wrong(`${path}?client_secret=${secret}&code=${secret}`)
    }
    const many = Array.from({ length: 70 }, (_, n) => `${code}${n}=1`).join('&')
    await wrong(path, posted(many))
  }
  await wrong('/oauth/token', posted({ ...given, ...credentials }, { authorization }))
  await wrong(
    '/oauth/token',
    posted({ ...given, client_id: byPost.client_id, client_secret: byPost.secret }),
  )
  await wrong(
    '/oauth/token',
    posted({ ...given, code_verifier: plant('verifier', newPkce().verifier) }, { authorization }),
  )
  const redeemed = await fetch(`${server.url}/oauth/token`, posted(given, { authorization }))
  const tokens = (await redeemed.json()) as Tokens
  keepTokens(tokens)
  await wrong('/oauth/token', posted(given, { authorization }))
  const used = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
  await wrong('/oauth/token', posted(used, { authorization }))
  await wrong('/oauth/token', posted({ ...used, scope: tokens.refresh_token }, { authorization }))
  for (const token of [tokens.access_token, tokens.refresh_token]) {
    for (const path of ['/oauth/userinfo', '/audit/events', '/audit/events/x', '/api/mcp']) {
      await wrong(`${path}?access_token=${token}&cursor=${token}`)
      await wrong(path, { headers: { authorization: `Bearer ${token}` } })
    }
    await wrong(`/${token}`)
    await wrong(`/oauth/${token}/x`)
    await wrong(`/audit/events/${token}`)
    await wrong(`/setup?token=${token}`)
    await wrong(`/sign-in?request=${token}`)
    await wrong(`/consent?request=${token}`)
    await wrong('/consent', posted({ request_id: token, csrf: token, decision: token }))
    await wrong(`/oauth/authorize?client_id=${token}&redirect_uri=${token}`)
  }
  await wrong(
    new URL(
      authorizationUrl(server, byBasic.client_id, { redirect_uri: `https://x.example/${code}` }),
    ).href.slice(server.url.length),
  )
  // A replay after the grace, from a client that lost its tokens.
  const stolen = await connect(server)
  keepTokens(stolen.tokens)
  plant('code', stolen.code)
  await redeem(server, stolen)
  await wrong(
    '/oauth/token',
    posted({ ...given, code: stolen.code, client_id: stolen.client.client_id }),
  )
}

async function setUp(): Promise<string> {
  const token = new URL(fresh.setupLink ?? '').searchParams.get('token') ?? ''
  plant('token of the set-up link', token)
  const person = fresh.person()
  const fields = hiddenFields(await (await person.open(`/setup?token=${token}`)).text())
  const grace = {
    email: 'grace@example.com',
    name: '',
    password: plant('password', 'planted by grace hopper'),
  }
  for (const email of ['none', grace.email])
    await person.submit('/setup', { ...fields, token, ...grace, email })
  await person.open(`/setup?token=${token}`)
  return token
}

describe('a planted secret is found', () => {
  test('by this search, in whatever spelling it stands', () => {
    for (const [name, secret] of planted) {
      for (const spelled of ['hex', 'base64', 'base64url'] as const) {
        for (const before of ['', 'x', 'xy']) {
          const bytes = Buffer.from(`${before}${secret}yz`).toString(spelled)
          expect(secretsIn(Buffer.from(bytes), planted)).toContain(name)
        }
      }
      expect(secretsIn(Buffer.from(`…${secret}…`), planted)).toContain(name)
    }
    expect(planted.size).toBeGreaterThan(25)
    expect(setupToken).toMatch(/^glt_su_/)
  })

  test('in no file of the database', () => {
    expect(files.map(({ name }) => name)).toContain('grantlog.db-wal')
    const all = Buffer.concat(files.map(({ bytes }) => bytes))
    // What is meant to be there is there, so the bytes searched are the right ones.
    expect(all.includes('GrantApproved')).toBe(true)
    expect(secretsIn(all, planted)).toEqual([])
  })

  test('in no line of the log output', () => {
    expect(logged).toContain('request refused')
    expect(secretsIn(Buffer.from(logged), planted)).toEqual([])
  })

  test('in no error reply', () => {
    expect(errorReplies.length).toBeGreaterThan(100)
    for (const reply of errorReplies) expect(secretsIn(Buffer.from(reply), planted)).toEqual([])
  })
})
