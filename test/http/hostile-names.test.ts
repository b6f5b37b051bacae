/**
 * What a client says of itself on every page that shows it, over HTTP: a name is text, however
 * long and whatever is in it, and no address that it gives runs anything.
 *
 * @see [RFC 7591 §5 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7591.html#section-5)
 * @see [RFC 9700 §4.1 - Insufficient Redirection URI Validation](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.1)
 */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { deviceCodeGrant, startDevice } from '../support/device.ts'
import { formsOn, pagesFrom } from '../support/form-crawl.ts'
import {
  authorizationUrl,
  newPkce,
  redeem,
  redirectUri,
  register,
} from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

const inTheirWords = 'Planner'
const names = {
  'a script': `${inTheirWords}<script>alert(1)</script>`,
  'a picture that acts': `${inTheirWords}<img src=x onerror=alert(1)>`,
  'the end of an attribute': `${inTheirWords}" onmouseover="alert(1)' autofocus onfocus='alert(2)`,
  'the end of the page': `${inTheirWords}</title></textarea></script></main></html><script>x</script>`,
  'an entity': `${inTheirWords}&lt;script&gt;alert(1)&lt;/script&gt;`,
  'letters that turn the line around': `${inTheirWords}\u202egnp.exe\u2066\u2067x\u2069`,
  'letters of no width': `${inTheirWords}\u200b\u200d\u2060\ufeff\u00ad${'\u200b'.repeat(500)}`,
  'control characters': `${inTheirWords}\u0000\u0007\u001b[31m\r\nSet-Cookie: a=b`,
  'half a letter': `${inTheirWords}\ud800`,
  'marks without end': `${inTheirWords}${'\u0301'.repeat(1500)}`,
  'two thousand letters': `${inTheirWords}${'W'.repeat(2000)}`,
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ rateLimits: {} })
})
afterAll(() => server.stop())

const hiddenCharacters =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/

/** The markup alone of a page: where a name could only be if it were not text. */
function dangersOn(html: string): string[] {
  const shown = html.replace(/ (value|name|action|id|for|data-options)="[^"]*"/g, '')
  const hidden = hiddenCharacters.exec(shown)
  return [
    ...(html.match(/<script(?! type="module" src="\/)[^>]*>/g) ?? []),
    ...(html.match(/<(img|a|iframe|object|form|button|input)[^>"]*("[^"]*"[^>"]*)* on\w+=/g) ?? []),
    ...(
      html.match(/ (href|src|action|formaction)="\s*(javascript|data|vbscript):[^"]*"/gi) ?? []
    ).filter((found) => !found.startsWith(' href="data:image/svg+xml,')),
    ...(hidden ? [`hidden U+${hidden[0].codePointAt(0)?.toString(16)}`] : []),
    ...(new TextEncoder().encode(html).length > 30 * 1024 ? ['over 30 KB'] : []),
  ]
}

/** Every page on which this person can meet the client, with what it is. */
async function pagesWith(person: DemoPerson, client_name: string): Promise<Map<string, string>> {
  const metadata = {
    client_name,
    client_uri: 'https://planner.example/"><script>alert(1)</script>',
    grant_types: ['authorization_code', 'refresh_token', deviceCodeGrant],
    post_logout_redirect_uris: ['https://planner.example/out'],
    token_endpoint_auth_method: 'client_secret_post',
  }
  const client = await register(server, metadata)
  const pages = new Map<string, string>()
  const see = async (what: string, response: Response) => pages.set(what, await response.text())
  const pkce = newPkce()
  const asked = { scope: 'book read openid', code_challenge: pkce.challenge }
  const url = authorizationUrl(server, client.client_id, asked)
  const stranger = server.person()
  await see(
    'sign-in',
    await stranger.open((await stranger.open(url)).headers.get('location') ?? ''),
  )
  const back = await person.answer(url)
  const code = back.searchParams.get('code') ?? ''
  const { body } = await redeem(server, { client, code, pkce })
  const again = await person.open(authorizationUrl(server, client.client_id, { prompt: 'consent' }))
  await see('consent', await person.open(again.headers.get('location') ?? ''))
  const device = await startDevice(server, client, { client_secret: client.client_secret ?? '' })
  const typing = formsOn(await (await person.open('/device')).text(), '/device')
  const form = typing.find(({ action }) => action === '/device')
  const typed = { ...form?.fields, user_code: device.user_code }
  await see('device', await person.submit('/device', typed))
  const out = new URLSearchParams({
    client_id: client.client_id,
    post_logout_redirect_uri: 'https://planner.example/out',
  })
  const leaving = await person.open(`/oauth/logout?${out}`)
  await see('sign-out', await person.open(leaving.headers.get('location') ?? ''))
  expect(body.access_token).toBeString()
  const starts = ['/account', '/developers/connected-apps', '/developers/keys', '/admin']
  for (const [path, html] of await pagesFrom(person, starts)) pages.set(path, html)
  return pages
}

let count = 0

describe('a client whose name holds', () => {
  test.each(Object.entries(names))('%s', async (_, template) => {
    count += 1
    const word = `${inTheirWords}${count}x`
    const name = template.replace(inTheirWords, word)
    const pages = await pagesWith(server.person(), name)
    const shownOn = [...pages].filter(([, html]) => html.includes(word)).map(([path]) => path)
    const found = [...pages].flatMap(([path, html]) =>
      dangersOn(html).map((danger) => `${path}: ${danger}`),
    )
    expect(found).toEqual([])
    for (const page of ['sign-in', 'consent', 'device', 'sign-out', '/developers/connected-apps']) {
      expect(shownOn).toContain(page)
    }
    const kinds = shownOn.map((path) => path.split('?')[0]?.replace(/grt_\w+/, ':id'))
    expect(kinds).toEqual(
      expect.arrayContaining([
        ...['/developers/connected-apps/:id', '/admin/clients', '/admin/client'],
        ...['/admin/grants', '/admin/grant', '/admin/tokens', '/admin/do/disable-client'],
      ]),
    )
  })

  test('ten thousand letters is refused, and one with nothing to see gets a name of ours', async () => {
    const long = await register(server, { client_name: 'W'.repeat(10_240) })
    expect(long.error).toBe('invalid_client_metadata')
    const { client_id } = await register(server, { client_name: '\u200b\u202e \u00ad' })
    const person = server.person()
    await person.answer(authorizationUrl(server, client_id))
    const html = await (await person.open('/developers/connected-apps')).text()
    expect(html).toContain('An app without a name')
  })
})

describe('no registration takes', () => {
  const addresses = [
    'javascript:alert(document.domain)//https://planner.example/',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    '\tjava\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'blob:https://planner.example/1',
    'view-source:https://planner.example/',
    'about:blank',
  ]
  const single = ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'jwks_uri']
  const lists = ['redirect_uris', 'post_logout_redirect_uris', 'request_uris']
  const others = ['sector_identifier_uri', 'initiate_login_uri', 'backchannel_logout_uri']
  test.each([...single, ...others, ...lists])(
    'an address in %s that runs something',
    async (field) => {
      for (const address of addresses) {
        const value = lists.includes(field) ? [redirectUri, address] : address
        const keys = field === 'jwks_uri' ? { token_endpoint_auth_method: 'private_key_jwt' } : {}
        const answer = await register(server, { ...keys, [field]: value })
        // What is not known here is not kept, and not told back.
        const isRefused = typeof answer.error === 'string'
        expect([field, address, isRefused || !Object.hasOwn(answer, field)]).toEqual([
          field,
          address,
          true,
        ])
      }
    },
  )
})
