/** Passkeys as a person meets them: a real Chromium with an authenticator in it. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { plugIn } from '../support/authenticator.ts'
import { browserArguments, visitPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

describe.skipIf(!chromiumPath)('passkeys in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  let now = Date.now()
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    server = await startTestServer({}, { clock: () => now })
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })

  async function signInByPassword(page: Page) {
    await page.getByLabel('Email').fill(admin.email)
    await page.getByLabel('Password').fill(admin.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  async function addPasskey(page: Page, name: string) {
    await page.getByLabel('Name').fill(name)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByRole('heading', { name }).waitFor()
  }

  const visit = (width: number, see: (page: Page) => Promise<void>) =>
    visitPage(browser, width, see)

  test.each(widths)('at %p pixels one is added, signs in, and is removed', async (width) => {
    await visit(width, async (page) => {
      const authenticator = await plugIn(page)
      await page.goto(`${server.url}/account/security`)
      await page.waitForURL(`${server.url}/sign-in?next=/account/security`)
      await signInByPassword(page)
      await page.waitForURL(`${server.url}/account/security`)
      await expectSound(page, 'security')
      await addPasskey(page, `Key ${width}`)
      expect((await authenticator.credentials()).length).toBe(1)
      await expectSound(page, 'security-passkey')
      await page.context().clearCookies()
      await page.goto(`${server.url}/sign-in`)
      // The browser offers it by itself, and this authenticator says yes at once.
      await page.waitForURL(`${server.url}/account`)
      const started = (await eventsOf(server, 'SessionStarted')).at(-1)
      expect(started?.payload.amr).toEqual(['hwk', 'user', 'mfa'])
      await page.goto(`${server.url}/account/security`)
      await page.getByText('last used').waitFor()
      await page.getByRole('button', { name: `Remove Key ${width}` }).click()
      await page.getByText('You have no passkey yet.').waitFor()
    })
  })

  test('the button asks for one where the browser does not offer it', async () => {
    await visit(390, async (page) => {
      await page.addInitScript(() => {
        PublicKeyCredential.isConditionalMediationAvailable = async () => false
      })
      const authenticator = await plugIn(page)
      await page.goto(`${server.url}/sign-in?next=/account/security`)
      await signInByPassword(page)
      await addPasskey(page, 'Phone')
      await page.context().clearCookies()
      await page.goto(`${server.url}/sign-in`)
      await expectSound(page, 'sign-in-passkey')
      await authenticator.verifies(false)
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.getByText('No passkey was used.').waitFor()
      await authenticator.verifies(true)
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.waitForURL(`${server.url}/account`)
    })
  })

  test('a copy of one is refused once the original has counted further', async () => {
    await visit(1280, async (page) => {
      await page.addInitScript(() => {
        PublicKeyCredential.isConditionalMediationAvailable = async () => false
      })
      const authenticator = await plugIn(page)
      await page.goto(`${server.url}/sign-in?next=/account/security`)
      await signInByPassword(page)
      await addPasskey(page, 'Original')
      const [stolen] = await authenticator.credentials()
      for (let use = 0; use < 2; use += 1) {
        await page.context().clearCookies()
        await page.goto(`${server.url}/sign-in`)
        await page.getByRole('button', { name: 'Use a passkey' }).click()
        await page.waitForURL(`${server.url}/account`)
      }
      const other = await browser.newPage()
      await other.addInitScript(() => {
        PublicKeyCredential.isConditionalMediationAvailable = async () => false
      })
      const copy = await plugIn(other)
      if (stolen) await copy.add(stolen)
      await other.goto(`${server.url}/sign-in`)
      await other.getByRole('button', { name: 'Use a passkey' }).click()
      await other.getByRole('alert').filter({ hasText: 'could not be used' }).waitFor()
      await other.close()
    })
  })

  test('a page that was open for too long is refused, and the next one is not', async () => {
    await visit(390, async (page) => {
      await page.addInitScript(() => {
        PublicKeyCredential.isConditionalMediationAvailable = async () => false
      })
      await plugIn(page)
      await page.goto(`${server.url}/sign-in?next=/account/security`)
      await signInByPassword(page)
      await addPasskey(page, 'Slow')
      await page.context().clearCookies()
      await page.goto(`${server.url}/sign-in`)
      now += 16 * 60_000
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.getByRole('alert').filter({ hasText: 'could not be used' }).waitFor()
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.waitForURL(`${server.url}/account`)
    })
  })
})
