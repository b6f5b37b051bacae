/**
 * A client's logo: fetched and checked by this server, shown from this server, or not at all.
 *
 * @see [RFC 7591 §5 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7591.html#section-5)
 */
import { registerDevice, signInForDevice, startDevice, typeCode } from '../support/device.ts'
import { type DocumentServer, startDocumentServer } from '../support/document-server.ts'
import { authorizationUrl, connect, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

/** A PNG of this many pixels each way, as far as its first bytes say. */
function png(side: number): Buffer {
  const bytes = Buffer.alloc(45)
  bytes.write('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')
  bytes.writeUInt32BE(side, 16)
  bytes.writeUInt32BE(side, 20)
  return bytes
}

let site: DocumentServer
let server: TestServer
let person: ReturnType<TestServer['person']>
beforeAll(async () => {
  site = await startDocumentServer()
  server = await startTestServer({ outbound: site.outbound })
  person = server.person()
  await connect(server, { scope: 'read' }, person)
})
afterAll(async () => {
  await server.stop()
  await site.stop()
})

/** The consent page of a client whose logo is these bytes. */
async function consentWith(path: string, body: Buffer, type = 'image/png') {
  site.put(path, (_, response) => {
    response.writeHead(200, { 'content-type': type }).end(body)
  })
  const { client_id } = await register(server, { logo_uri: `${site.url}${path}` })
  const to = await person.open(authorizationUrl(server, client_id, { scope: 'read' }))
  return (await person.open(to.headers.get('location') ?? '')).text()
}

function logoIn(html: string): string | undefined {
  return html.match(/<img class="logo" src="(\/client-logos\/[A-Za-z0-9_-]{43})"/)?.[1]
}

describe('a logo', () => {
  test('is on the page of a device too', async () => {
    site.put('/tv.png', (_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' }).end(png(64))
    })
    const television = await registerDevice(server, { logo_uri: `${site.url}/tv.png` })
    const asked = await startDevice(server, television, {})
    const at = server.person()
    const question = await typeCode(at, await signInForDevice(at), asked.user_code)
    expect(logoIn(await question.text())).toBeDefined()
  })

  test('comes from this server, with headers that let it be nothing but a picture', async () => {
    const html = await consentWith('/logo.png', png(64), 'text/html')
    expect(html).not.toContain(site.host)
    const path = logoIn(html) ?? ''
    const answer = await fetch(server.url + path)
    expect(Buffer.from(await answer.arrayBuffer()).equals(png(64))).toBe(true)
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('content-security-policy')).toContain('sandbox')
  })

  test('is asked for once, however many look at it', async () => {
    await consentWith('/once.png', png(32))
    await consentWith('/once.png', png(32))
    expect(site.asked.filter((asked) => asked.endsWith('/once.png')).length).toBe(1)
  })

  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
  const cases: [string, Buffer][] = [
    ['is a drawing with script in it', Buffer.from(svg)],
    ['is a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['is larger than a logo', png(5000)],
    ['has no size', png(0)],
    ['is cut off', png(64).subarray(0, 20)],
    ['has too many bytes', Buffer.concat([png(64), Buffer.alloc(200_000)])],
    ['is empty', Buffer.alloc(0)],
  ]
  for (const [index, [what, bytes]] of cases.entries()) {
    test(`that ${what} is not shown: the name's letter is`, async () => {
      const html = await consentWith(`/bad-${index}.png`, bytes)
      expect(logoIn(html)).toBeUndefined()
      expect(html).toContain('class="initial"')
    })
  }

  test('of an address inside is not asked for', async () => {
    const { client_id } = await register(server, { logo_uri: 'https://127.0.0.2/logo.png' })
    const to = await person.open(authorizationUrl(server, client_id, { scope: 'read' }))
    const html = await (await person.open(to.headers.get('location') ?? '')).text()
    expect(logoIn(html)).toBeUndefined()
  })

  test('that nobody keeps is not found', async () => {
    expect((await fetch(`${server.url}/client-logos/${'x'.repeat(43)}`)).status).toBe(404)
  })
})
