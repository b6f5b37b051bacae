/**
 * Clients that ask how well a person proved who they are, and people who step up.
 * @see [OpenID Connect Core 1.0 §5.5.1.1 - Requesting the "acr" Claim](https://openid.net/specs/openid-connect-core-1_0.html#acrSemantics)
 * @see [RFC 9470 §4 - Authorization Request](https://www.rfc-editor.org/rfc/rfc9470.html#section-4)
 */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { authorizationUrl, eventsOf, register } from '../support/oauth-client.ts'
import { codeAt, enrolElsewhere, sendCode, signInAt } from '../support/second-factor.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const mfa = 'https://refeds.org/profile/mfa'
const stepMs = 30_000
let now = Date.now()
let server: TestServer
let clientId = ''
beforeAll(async () => {
  server = await startTestServer({}, { clock: () => now })
  clientId = (await register(server)).client_id
})
afterAll(() => server.stop())

let count = 0
async function newPerson() {
  count += 1
  const credentials = { email: `person-${count}@example.com`, password: 'a very long passphrase' }
  const account = { ...credentials, name: 'Eve', admin: false, actor: 'cli' }
  await registerUser(server.services, account)
  const person = server.person(credentials)
  await signInAt(person, '/sign-in', credentials)
  return { person, credentials }
}

async function withApp() {
  const { person, credentials } = await newPerson()
  const { key } = await enrolElsewhere(server, credentials, now)
  now += stepMs
  return { person, credentials, key }
}

function essential(...values: string[]) {
  return JSON.stringify({ id_token: { acr: { essential: true, values } } })
}

/** The page or the error that a request leads to. */
async function leads(person: DemoPerson, asked: Record<string, string>): Promise<string> {
  const response = await person.open(authorizationUrl(server, clientId, asked))
  const next = new URL(response.headers.get('location') ?? '', server.url)
  return next.searchParams.get('error') ?? next.pathname
}

describe('a request with acr_values', () => {
  test('has a person with an app show a code, and then goes on; the grant says so', async () => {
    const { person, credentials, key } = await withApp()
    const url = authorizationUrl(server, clientId, { acr_values: `urn:x ${mfa}` })
    const signIn = (await person.open(url)).headers.get('location') ?? ''
    expect(signIn).toMatch(/^\/sign-in\?request=/)
    const half = (await signInAt(person, signIn, credentials)).headers.get('location') ?? ''
    const onward = await sendCode(person, half, codeAt(key, now))
    const consent = onward.headers.get('location') ?? ''
    expect(consent).toMatch(/^\/consent\?request=/)
    const page = await (await person.open(consent)).text()
    const form = page.split('<form').find((part) => part.includes('name="decision"')) ?? ''
    await person.submit('/consent', { ...hiddenFields(form), decision: 'approve' })
    const approved = (await eventsOf(server, 'GrantApproved')).at(-1)?.payload
    expect([approved?.acr, approved?.amr]).toEqual([mfa, ['pwd', 'otp', 'mfa']])
  })

  test('is a wish: who has only a password goes on, and no class is told', async () => {
    const { person } = await newPerson()
    expect(await leads(person, { acr_values: mfa })).toBe('/consent')
    const url = authorizationUrl(server, clientId, { acr_values: `phr ${mfa}` })
    await person.answer(url)
    const approved = (await eventsOf(server, 'GrantApproved')).at(-1)?.payload
    expect(approved?.acr).toBe(undefined)
  })

  test('for what nobody here has goes on at once', async () => {
    const { person } = await withApp()
    expect(await leads(person, { acr_values: 'urn:x' })).toBe('/consent')
    expect(await leads(person, { acr_values: 'phr' })).toBe('/consent')
  })

  test('and prompt=none says that a person is needed', async () => {
    const { person } = await withApp()
    expect(await leads(person, { acr_values: mfa, prompt: 'none' })).toBe('login_required')
  })
})

describe('an essential acr', () => {
  test('is asked for of who has it, and refused where they have not', async () => {
    const { person } = await withApp()
    expect(await leads(person, { claims: essential(mfa) })).toBe('/sign-in')
    expect(await leads(person, { claims: essential('phr') })).toBe('access_denied')
    expect(await leads((await newPerson()).person, { claims: essential(mfa) })).toBe(
      'access_denied',
    )
  })

  test('that nobody here knows is refused before anybody is asked', async () => {
    expect(await leads(server.person(), { claims: essential('urn:x') })).toBe('access_denied')
  })
})

test('the classes are in the metadata', async () => {
  const response = await fetch(`${server.url}/.well-known/openid-configuration`)
  const { acr_values_supported: classes } = (await response.json()) as Record<string, unknown>
  expect(classes).toEqual(['phr', mfa])
})
