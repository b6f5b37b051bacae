/** Apps in the administrator's pages: found, added, looked after. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { act, actionPath, formOf, signedIn } from '../support/admin-browser.ts'
import { basic, connect, eventsOf, isLive, post } from '../support/oauth-client.ts'
import { addClient } from '../support/operator-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

let server: TestServer
let ada: DemoPerson
beforeAll(async () => {
  server = await startTestServer({
    resources: [
      {
        resource: 'https://api.example.com',
        name: 'Example',
        scopes: { read: 'Read' },
        clientCredentialsScopes: ['read'],
      },
    ],
  })
  ada = await signedIn(server)
})
afterAll(() => server.stop())

async function page(path: string): Promise<string> {
  return (await ada.open(path)).text()
}

function links(html: string): string[] {
  return [...html.matchAll(/href="(\/admin\/client\?[^"]*)"/g)].map(([, href = '']) => href)
}

const secretIn = (html: string) => /<code>(\w+_[^<]*)<\/code><\/dd><\/dl>/.exec(html)?.[1] ?? ''

async function machine(name: string) {
  const made = await act(ada, 'create-client', { name, kind: 'machine', scope: 'read' })
  const html = await made.text()
  const id = /cli_[0-9a-f]{32}/.exec(html)?.[0] ?? ''
  return { id, secret: secretIn(html), status: made.status }
}

function tokenFor(id: string, secret: string) {
  return post<{ access_token: string }>(server, '/oauth/token', {
    form: { grant_type: 'client_credentials' },
    headers: { authorization: basic(id, secret) },
  })
}

describe('an app that an administrator adds', () => {
  test('has an id and a secret, shown once, that it gets tokens with', async () => {
    const { id, secret, status } = await machine('Nightly batch')
    expect([status, (await tokenFor(id, secret)).status]).toEqual([200, 200])
    const later = await page(`/admin/client?id=${id}`)
    expect(later).toContain('Nightly batch')
    expect(later).not.toContain(secret)
    const [added] = (await eventsOf(server, 'ClientRegistered')).slice(-1)
    expect(added?.actor).toMatch(/^user:usr_/)
    expect(JSON.stringify(added)).not.toContain(secret)
    expect(server.logged()).not.toContain(secret)
  })

  test('is one, however often the form is sent', async () => {
    const before = (await eventsOf(server, 'ClientRegistered')).length
    const form = await formOf(ada, 'create-client')
    const fields = { ...form, name: 'Once', kind: 'web', redirectUris: 'https://once.example/cb' }
    const both = await Promise.all([
      ada.submit(actionPath('create-client'), fields),
      ada.submit(actionPath('create-client'), fields),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 303])
    expect((await ada.submit(actionPath('create-client'), fields)).status).toBe(303)
    expect((await eventsOf(server, 'ClientRegistered')).length).toBe(before + 1)
  })

  test('is not added with an id of somebody else’s choosing', async () => {
    const form = await formOf(ada, 'create-client')
    const fields = { ...form, name: 'Chosen', kind: 'machine', id: `cli_${'0'.repeat(32)}` }
    expect((await ada.submit(actionPath('create-client'), fields)).status).toBe(400)
  })

  test('is told what is wrong with it, and keeps what was typed', async () => {
    const uri = 'http://not-safe.example/cb'
    const refused = await act(ada, 'create-client', {
      name: 'Wrong',
      kind: 'web',
      redirectUris: uri,
    })
    const html = await refused.text()
    expect([refused.status, html.includes('role="alert"'), html.includes(uri)]).toEqual([
      400,
      true,
      true,
    ])
  })

  test('needs no secret when it cannot keep one', async () => {
    const redirectUris = 'http://127.0.0.1/callback\r\ncom.example.app:/callback'
    const made = await act(ada, 'create-client', { name: 'Phone', kind: 'native', redirectUris })
    expect(await made.text()).toContain('It needs no secret')
  })
})

describe('a new secret', () => {
  test('works at once, and the old one for as long as was chosen', async () => {
    const { id, secret } = await machine('Rotating')
    const made = await act(ada, 'rotate-secret', { id, overlapHours: '1' })
    const next = secretIn(await made.text())
    expect(next).not.toBe(secret)
    for (const each of [secret, next]) expect((await tokenFor(id, each)).status).toBe(200)
    const now = await act(ada, 'rotate-secret', { id, overlapHours: '0' })
    expect((await tokenFor(id, secretIn(await now.text()))).status).toBe(200)
    for (const each of [secret, next]) expect((await tokenFor(id, each)).status).toBe(401)
  })

  test('is made once, however often the form is sent: who sends it again is asked anew', async () => {
    const { id } = await machine('Rotating once')
    const before = (await eventsOf(server, 'ClientSecretRotated')).length
    const fields = { ...(await formOf(ada, 'rotate-secret', id)), overlapHours: '1' }
    const both = await Promise.all([
      ada.submit(actionPath('rotate-secret'), fields),
      ada.submit(actionPath('rotate-secret'), fields),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 400])
    expect((await ada.submit(actionPath('rotate-secret'), fields)).status).toBe(400)
    expect((await eventsOf(server, 'ClientSecretRotated')).length).toBe(before + 1)
  })

  test('is refused for hours that are none', async () => {
    const { id } = await machine('Hours')
    for (const overlapHours of ['-1', '8761', '1e3', '1.5', '']) {
      expect((await act(ada, 'rotate-secret', { id, overlapHours })).status).toBe(400)
    }
  })

  test('is not made for an app that registered itself', async () => {
    const { client } = await connect(server)
    expect((await ada.open(actionPath('rotate-secret', client.client_id))).status).toBe(404)
  })
})

describe('an app', () => {
  test('is disabled with a reason, which only the record has, and enabled again', async () => {
    const { client, tokens } = await connect(server)
    const id = client.client_id
    expect((await act(ada, 'disable-client', { id, reason: '  ' })).status).toBe(400)
    expect((await act(ada, 'disable-client', { id, reason: 'x'.repeat(1001) })).status).toBe(400)
    expect(await isLive(server, tokens.access_token)).toBe(true)
    const form = { ...(await formOf(ada, 'disable-client', id)), reason: 'It spams <people>' }
    for (const _ of ['sent', 'sent again']) {
      expect((await ada.submit(actionPath('disable-client'), form)).status).toBe(303)
    }
    expect((await eventsOf(server, 'ClientDisabled')).length).toBe(1)
    expect(await isLive(server, tokens.access_token)).toBe(false)
    expect(await page(`/admin/client?id=${id}`)).toContain('It spams &lt;people>')
    expect((await act(ada, 'enable-client', { id })).status).toBe(303)
    expect(await isLive(server, tokens.access_token)).toBe(true)
  })

  test('is deleted for ever, and its page is gone', async () => {
    const { id, secret } = await machine('Short-lived')
    const form = await formOf(ada, 'delete-client', id)
    for (const _ of ['sent', 'sent again']) {
      const answer = await ada.submit(actionPath('delete-client'), form)
      expect(answer.headers.get('location')).toBe('/admin/clients')
    }
    expect((await tokenFor(id, secret)).status).toBe(401)
    expect((await ada.open(`/admin/client?id=${id}`)).status).toBe(404)
    expect((await ada.open(actionPath('enable-client', id))).status).toBe(404)
  })
})

describe('the list of apps', () => {
  test('has every app once over its pages, also when one comes meanwhile', async () => {
    for (let index = 0; index < 45; index += 1) {
      await addClient(server.services, { clientName: `Paged ${index}` })
    }
    const seen: string[] = []
    let next: string | undefined = '/admin/clients?q=paged'
    while (next) {
      const html = await page(next)
      seen.push(...links(html))
      const found: RegExpExecArray | null = /href="([^"]*after=[^"]*)"/.exec(html)
      next = found?.[1]?.replaceAll('&amp;', '&')
      await addClient(server.services, { clientName: 'Paged meanwhile' })
    }
    expect([seen.length, new Set(seen).size]).toEqual([45, 45])
  })

  test('is searched by name, id and where answers go; wildcards are letters', async () => {
    const { client_id } = await addClient(server.services, {
      clientName: 'Needle 100%',
      redirectUris: ['https://haystack.example/cb'],
    })
    for (const q of ['needle', '100%', client_id, 'haystack.example', ' NEEDLE ']) {
      const found = links(await page(`/admin/clients?q=${encodeURIComponent(q)}`))
      expect(found).toEqual([`/admin/client?id=${client_id}`])
    }
    for (const q of ['need_e', "' OR 1=1 --", '"; DROP TABLE clients_v1']) {
      expect(links(await page(`/admin/clients?q=${encodeURIComponent(q)}`))).toEqual([])
    }
  })

  test('refuses a place to go on that is none', async () => {
    for (const after of ['x', '', 'W10', btoa('[{}]'), btoa('["a",1.5]'), 'A'.repeat(5000)]) {
      const path = `/admin/clients?after=${encodeURIComponent(after)}`
      expect((await ada.open(path)).status).toBe(400)
    }
  })
})
