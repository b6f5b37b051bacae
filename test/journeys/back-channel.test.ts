/**
 * A client as openid-client makes one, which asks a person who is elsewhere, is told of the answer,
 * and gets its tokens with all of the library's checks on; the person in a real Chromium.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as oidc from 'openid-client'
import { type Browser, chromium, type Page } from 'playwright-core'
import { addAsker, answer, questionsPath } from '../support/back-channel.ts'
import { browserArguments, follow, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { type DocumentServer, startDocumentServer } from '../support/document-server.ts'
import { rejectionOf } from '../support/rejection.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

let server: TestServer
let site: DocumentServer
beforeAll(async () => {
  site = await startDocumentServer()
  const ciba = { enabled: true, intervalSeconds: 1 }
  server = await startTestServer({ ciba, outbound: site.outbound })
})
afterAll(async () => {
  await server.stop()
  await site.stop()
})

const notificationToken = 'of-the-client-0123456789-abcdefghij'

/** The client, and what it is told. */
async function pingedClient(path: string) {
  const told: Promise<unknown> = new Promise((resolve) =>
    site.put(path, (request: IncomingMessage, response: ServerResponse) => {
      let text = ''
      request.on('data', (chunk) => {
        text += chunk
      })
      request.on('end', () => {
        response.writeHead(204).end()
        resolve({ ...JSON.parse(text), by: request.headers.authorization })
      })
    }),
  )
  const notificationEndpoint = site.url + path
  const backChannel = { deliveryMode: 'ping', notificationEndpoint } as const
  const { client_id, client_secret } = await addAsker(server, {
    clientName: 'City Bank counter',
    backChannel,
  })
  const issuer = new URL(server.services.settings.issuer)
  const config = await oidc.discovery(
    ...([issuer, client_id, undefined, oidc.ClientSecretBasic(client_secret)] as const),
    { execute: [oidc.allowInsecureRequests] },
  )
  const ask = () =>
    oidc.initiateBackchannelAuthentication(config, {
      scope: 'openid read',
      login_hint: admin.email,
      binding_message: 'Desk 4, W-817',
      client_notification_token: notificationToken,
    })
  return { config, told, ask }
}

test('openid-client asks, is told, and gets tokens that it finds good', async () => {
  const { config, told, ask } = await pingedClient('/library')
  const asked = await ask()
  expect(asked).toMatchObject({ expires_in: 300, interval: 1 })
  await answer(server.person(), 'approve')
  expect(await told).toEqual({
    auth_req_id: asked.auth_req_id,
    by: `Bearer ${notificationToken}`,
  })
  const tokens = await oidc.pollBackchannelAuthenticationGrant(config, asked)
  const claims = tokens.claims()
  expect(claims?.sub).toBeDefined()
  const person = await oidc.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '')
  expect(person.sub).toBe(claims?.sub ?? '')
  const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
  expect(renewed.scope).toBe('openid read')
})

test('openid-client is told of a denial by the error that it knows', async () => {
  const { config, told, ask } = await pingedClient('/denied')
  const asked = await ask()
  await answer(server.person(), 'deny')
  await told
  const error = await rejectionOf(oidc.pollBackchannelAuthenticationGrant(config, asked))
  expect((error as oidc.ResponseBodyError).error).toBe('access_denied')
})

describe.skipIf(!chromiumPath)('a person in a real Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
  })
  afterAll(() => browser.close())

  async function signIn(page: Page): Promise<void> {
    await page.getByLabel('Email').fill(admin.email)
    await page.getByLabel('Password').fill(admin.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  test.each(widths)(
    'at %p pixels: the list, the question, the answer, the tokens; never again',
    async (width) => {
      const { config, ask } = await pingedClient(`/chromium-${width}`)
      const asked = await ask()
      const { page, complaints, close } = await watchedPage(browser, width)
      try {
        await page.goto(`${server.url}/approvals`)
        await signIn(page)
        await follow(page.getByRole('link', { name: 'Apps that ask you who you are (1)' }))
        await expectSound(page, 'askers')
        await page.getByRole('link', { name: 'City Bank counter asks who you are' }).click()
        await page.getByText('Desk 4, W-817').waitFor()
        await expectSound(page, 'asker-question')
        await page.getByRole('button', { name: 'Approve' }).click()
        await page.getByText('The app may go on now.').waitFor()
        await expectSound(page, 'askers-done')
        const tokens = await oidc.pollBackchannelAuthenticationGrant(config, asked)
        expect(tokens.claims()?.amr).toEqual(['pwd'])
        await ask()
        await page.goto(server.url + questionsPath)
        await page.getByRole('link', { name: 'City Bank counter asks who you are' }).click()
        await page.getByRole('button', { name: 'never let this app ask' }).click()
        await page.getByText('cannot ask you any more').waitFor()
        await expectSound(page, 'askers-muted')
        await page.getByRole('button', { name: 'Let it ask again: City Bank counter' }).click()
        await page.getByText('The app may ask you again.').waitFor()
        expect(complaints).toEqual([])
      } finally {
        await close()
      }
    },
    60_000,
  )
})
