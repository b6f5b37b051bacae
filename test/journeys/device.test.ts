/** A device as oauth4webapi makes one, and its person in a real Chromium. */
import * as oauth from 'oauth4webapi'
import { type Browser, chromium, type Page } from 'playwright-core'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { registerDevice } from '../support/device.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

const insecure = { [oauth.allowInsecureRequests]: true }

let server: TestServer
let issuer: oauth.AuthorizationServer
beforeAll(async () => {
  server = await startTestServer()
  const url = new URL(server.services.settings.issuer)
  const found = await oauth.discoveryRequest(url, { ...insecure, algorithm: 'oauth2' })
  issuer = await oauth.processDiscoveryResponse(url, found)
})
afterAll(() => server.stop())

async function startDevice() {
  const { client_id } = await registerDevice(server)
  const client: oauth.Client = { client_id }
  const auth = oauth.None()
  const asked = await oauth.deviceAuthorizationRequest(
    ...([issuer, client, auth, { scope: 'read' }, insecure] as const),
  )
  const device = await oauth.processDeviceAuthorizationResponse(issuer, client, asked)
  const poll = async () => {
    const response = await oauth.deviceCodeGrantRequest(
      ...([issuer, client, auth, device.device_code, insecure] as const),
    )
    return oauth.processDeviceCodeResponse(issuer, client, response)
  }
  return { device, poll }
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Email').fill(admin.email)
  await page.getByLabel('Password').fill(admin.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

describe.skipIf(!chromiumPath)('a device and a real Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
  })
  afterAll(() => browser.close())

  test.each(widths)(
    'at %p pixels: the code, the question, the answer, the tokens',
    async (width) => {
      const { device, poll } = await startDevice()
      const { page, complaints, close } = await watchedPage(browser, width)
      try {
        await page.goto(device.verification_uri)
        await signIn(page)
        await page.getByLabel('Code').fill('BBBB-BBBB')
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByRole('alert').filter({ hasText: 'No device waits' }).waitFor()
        await expectSound(page, 'device-wrong-code')
        await page.getByLabel('Code').fill(device.user_code.toLowerCase())
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByText('Only continue if you started this yourself').waitFor()
        expect(await page.locator('main').textContent()).toContain(device.user_code)
        await expectSound(page, 'device-consent')
        await page.getByRole('button', { name: 'Approve' }).click()
        await page.getByRole('heading', { name: 'Your device is connected' }).waitFor()
        await expectSound(page, 'device-connected')
        expect(complaints).toEqual([])
      } finally {
        await close()
      }
      const tokens = await poll()
      expect([tokens.scope, typeof tokens.refresh_token]).toEqual(['read', 'string'])
    },
  )

  test('a link that brings the code along asks to compare it, and Deny is heard', async () => {
    const { device, poll } = await startDevice()
    const { page, complaints, close } = await watchedPage(browser, 390)
    try {
      await page.goto(device.verification_uri_complete ?? '')
      await signIn(page)
      await page.getByText('Is this the code that your device shows?').waitFor()
      expect(await page.getByLabel('Code').inputValue()).toBe(device.user_code)
      await expectSound(page, 'device-compare')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('button', { name: 'Deny' }).click()
      await page.getByRole('heading', { name: 'The device gets no access' }).waitFor()
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
    const refused = await poll().catch((error: unknown) => error)
    expect((refused as oauth.ResponseBodyError).error).toBe('access_denied')
  })
})
