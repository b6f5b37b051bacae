/**
 * What a person may leave out of a consent, where the operator lets them choose.
 *
 * @see [RFC 6749 §3.3 - Access Token Scope](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.3)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { files, twoResources } from '../support/connected-apps.ts'
import {
  type AskedFor,
  authorizationUrl,
  connect,
  eventsOf,
  newPkce,
  redeem,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let person: ReturnType<TestServer['person']>
const [jobs, other] = twoResources as [(typeof twoResources)[0], (typeof twoResources)[0]]
beforeAll(async () => {
  const resources = [{ ...jobs, requiredScopes: ['read'], risk: { book: 'high' as const } }, other]
  server = await startTestServer({ resources, consent: { scopes: 'choice' } })
  person = server.person()
  await connect(server, { scope: 'read' }, person)
})
afterAll(() => server.stop())

const mcp = () => `${server.url}/api/mcp`

async function asked(parameters: AskedFor) {
  const client = await register(server)
  const pkce = newPkce()
  const all = { code_challenge: pkce.challenge, ...parameters }
  const to = await person.open(authorizationUrl(server, client.client_id, all))
  const page = await person.open(to.headers.get('location') ?? '')
  const html = await page.text()
  const form = html.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  return { client, pkce, html, fields: hiddenFields(form) }
}

type Shown = Awaited<ReturnType<typeof asked>>

/** Where the browser is sent when these are ticked. */
async function approve({ fields }: Shown, give?: string, changed: Record<string, string> = {}) {
  const ticked = give === undefined ? {} : { give }
  const answer = await person.submit('/consent', {
    ...{ ...fields, ...ticked, decision: 'approve' },
    ...changed,
  })
  return new URL(answer.headers.get('location') ?? '/', server.url)
}

async function scopeOf(shown: Shown, give?: string) {
  const code = (await approve(shown, give)).searchParams.get('code') ?? ''
  return (await redeem(server, { ...shown, code })).body.scope
}

describe('a person who may choose', () => {
  test('gives what is ticked and what is required', async () => {
    const shown = await asked({ scope: 'openid book read' })
    expect(shown.html).toContain(`value="book ${mcp()}"`)
    expect(shown.html).not.toContain(`value="read ${mcp()}"`)
    expect(await scopeOf(shown, `book ${mcp()}`)).toBe('openid book read')
    expect(await scopeOf(await asked({ scope: 'openid book read' }))).toBe('openid read')
  })

  test('sees apart what the operator calls risky', async () => {
    const { html } = await asked({ scope: 'book read' })
    expect(html).toContain('With care')
    expect(html.indexOf('Start jobs')).toBeGreaterThan(html.indexOf('With care'))
  })

  test('can give no more than was asked for, whatever the form says', async () => {
    expect(await scopeOf(await asked({ scope: 'read' }), `book ${mcp()}`)).toBe('read')
    const shown = await asked({ scope: 'book read' })
    expect(await scopeOf(shown, `files:read ${files}`)).toBe('read')
  })

  test('can leave a whole resource out', async () => {
    const shown = await asked({ scope: 'read files:read', resource: [mcp(), files] })
    expect(await scopeOf(shown)).toBe('read')
    const [approved] = (await eventsOf(server, 'GrantApproved')).slice(-1)
    expect(approved?.payload.access).toEqual([{ resource: mcp(), scopes: ['read'] }])
  })
})

describe('an approval changes nothing', () => {
  test('when nothing of what was asked is ticked: that is a denial', async () => {
    const shown = await asked({ resource: files, scope: 'files:read profile' })
    expect((await approve(shown)).searchParams.get('error')).toBe('access_denied')
  })

  test('when the form was shown something else, or nothing', async () => {
    const before = (await eventsOf(server, 'GrantApproved')).length
    const shown = await asked({ scope: 'book read' })
    const another = await asked({ scope: 'read' })
    for (const digest of ['', another.fields.shown ?? '']) {
      expect((await approve(shown, undefined, { shown: digest })).pathname).toBe('/consent')
    }
    expect((await eventsOf(server, 'GrantApproved')).length).toBe(before)
  })

  test('the second time, without its CSRF token, or by the form of another request', async () => {
    const shown = await asked({ scope: 'read' })
    const another = await asked({ scope: 'read' })
    const { csrf = '' } = another.fields
    for (const changed of [{ csrf: '' }, { csrf }]) {
      expect((await approve(shown, undefined, changed)).searchParams.has('code')).toBe(false)
    }
    expect((await approve(shown)).searchParams.has('code')).toBe(true)
    expect((await approve(shown)).searchParams.has('code')).toBe(false)
  })
})
