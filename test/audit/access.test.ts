/** The audit is for administrators: whom it lets in, and what it tells the others. */
import { registerUser } from '../../src/identity/register-user.ts'
import { dpopOffered } from '../support/dpop.ts'
import { connect } from '../support/oauth-client.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { askerWith, signedInAsker } from './ask.ts'

const grace = { email: 'grace@example.com', password: 'nanoseconds are this long' }
const paths = ['/events', '/events/evt_x', '/connected-apps', '/jobs/job_x']

let server: TestServer
let own: string
let auditIdentifier: string

beforeAll(async () => {
  const port = await freePort()
  own = `http://localhost:${port}/api/mcp`
  auditIdentifier = `http://localhost:${port}/audit`
  const scopes = { read: 'See jobs', 'audit:read': 'Read the audit' }
  server = await startTestServer({
    port,
    resources: [{ resource: own, name: 'Jobs', defaultScopes: ['read'], scopes }],
  })
  await registerUser(server.services, { ...grace, name: 'Grace', admin: false, actor: 'cli' })
})

afterAll(() => server.stop())

async function askerWithToken(resource: string, scope: string) {
  const { tokens } = await connect(server, { resource, scope })
  return askerWith(server, { authorization: `Bearer ${tokens.access_token}` })
}

describe('the audit lets in', () => {
  test('an administrator who is signed in', async () => {
    const ask = await signedInAsker(server)
    expect((await ask('/events')).status).toBe(200)
  })

  test("a token of an administrator with audit:read, for the audit or for the server's own MCP endpoint", async () => {
    for (const resource of [auditIdentifier, own]) {
      const ask = await askerWithToken(resource, 'audit:read')
      expect((await ask('/events')).status).toBe(200)
    }
  })
})

describe('the audit refuses', () => {
  test('whoever brings neither session nor token: 401, told where to ask for which scope', async () => {
    const ask = askerWith(server, {})
    const metadata = `${server.url}/.well-known/oauth-protected-resource/audit`
    for (const path of paths) {
      const { status, body, challenge } = await ask(path)
      expect(status).toBe(401)
      expect(body.error).toBe('missing_authorization')
      expect(challenge).toBe(
        `Bearer scope="audit:read", resource_metadata="${metadata}"${dpopOffered}`,
      )
    }
  })

  test('a cookie that is no session, and a token that is none: 401', async () => {
    const strangers = [{ cookie: 'grantlog-session=made-up' }, { authorization: 'Bearer made-up' }]
    for (const headers of strangers) {
      expect((await askerWith(server, headers)('/events')).status).toBe(401)
    }
  })

  test('a token without the scope: 403 insufficient_scope, with the scope', async () => {
    const ask = await askerWithToken(own, 'read')
    for (const path of paths) {
      const { status, body, challenge } = await ask(path)
      expect(status).toBe(403)
      expect(body.error).toBe('insufficient_scope')
      expect(challenge).toContain('error="insufficient_scope", scope="audit:read"')
    }
  })

  test('a person who is signed in and no administrator: 403 access_denied', async () => {
    const ask = await signedInAsker(server, grace)
    for (const path of paths) {
      const { status, body } = await ask(path)
      expect(status).toBe(403)
      expect(body.error).toBe('access_denied')
      expect(body.message).toBe('The audit is for administrators')
    }
  })

  test('a token beside the session of an administrator, when the token is not good', async () => {
    const person = server.person()
    await connect(server, {}, person)
    const both = { cookie: person.cookie, authorization: 'Bearer made-up' }
    expect((await askerWith(server, both)('/events')).status).toBe(401)
  })
})

test('what is not there is 404', async () => {
  const ask = await signedInAsker(server)
  const missing: [string, Record<string, string>][] = [
    ['/events/evt_none', {}],
    ['/jobs/job_none', {}],
    ['/connected-apps', { user: 'usr_none' }],
    ['/connected-apps', { user: 'nobody@example.com' }],
  ]
  for (const [path, parameters] of missing) {
    const { status, body } = await ask(path, parameters)
    expect(status).toBe(404)
    expect(body.error).toBe('not_found')
  }
})
