/** How a person gets in, and where they are in, as the account's pages show it in each state. */
import type { Browser, Page } from 'playwright-core'
import { registerUser } from '../../src/identity/register-user.ts'
import { plugIn } from '../support/authenticator.ts'
import { launchChromium, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { expectSound, widths } from './sound-page.ts'

const password = 'a nanosecond of wire'

describe.skipIf(!chromiumPath)('the ways in, in a real Chromium', () => {
  let browser: Browser
  let provider: Provider
  let server: TestServer
  beforeAll(async () => {
    browser = await launchChromium()
    provider = await startProvider()
    server = await startTestServer(
      upstreamsAt(provider, { kind: 'telegram_oidc', name: 'Telegram', signUp: true }),
    )
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await provider.stop()
  })

  async function signIn(page: Page, email: string): Promise<void> {
    await page.goto(`${server.url}/sign-in`)
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${server.url}/account`)
  }

  async function isSignedOut(page: Page): Promise<void> {
    await page.goto(`${server.url}/account`)
    await page.waitForURL(`${server.url}/sign-in?next=/account`)
  }

  describe.each(widths)('at %p pixels', (width) => {
    test('every browser is listed; one is signed out from another, and all others at once', async () => {
      const email = `grace-${width}@example.com`
      const account = { email, password, name: 'Grace', admin: false, actor: 'cli' }
      await registerUser(server.services, account)
      const all = [0, 1, 2].map(() => watchedPage(browser, width))
      const [here, there, elsewhere] = await Promise.all(all)
      if (!(here && there && elsewhere)) throw new Error('Cannot open three browsers')
      for (const { page } of [there, elsewhere, here]) await signIn(page, email)
      const { page } = here
      await page.getByText('This browser', { exact: true }).waitFor()
      const listed = page.getByRole('region', { name: 'Signed-in browsers' }).getByRole('listitem')
      expect(await listed.count()).toBe(3)
      await expectSound(page, 'sessions')
      await listed.getByRole('button').first().click()
      await listed.nth(2).waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
      await listed.nth(1).waitFor({ state: 'detached' })
      for (const other of [there, elsewhere]) await isSignedOut(other.page)
      await page.goto(`${server.url}/account`)
      expect(await listed.count()).toBe(1)
      for (const { complaints, close } of [here, there, elsewhere]) {
        expect(complaints).toEqual([])
        await close()
      }
    })

    test('who has a passkey and nothing else gets in by it, and keeps it', async () => {
      provider.person = { sub: `telegram-${width}`, id: width }
      provider.told = { name: 'Grace Hopper' }
      const { page, complaints, close } = await watchedPage(browser, width)
      await plugIn(page)
      await page.goto(`${server.url}/sign-in`)
      await page.getByRole('button', { name: 'Continue with Telegram' }).click()
      await page.waitForURL(`${server.url}/account`)
      await page.goto(`${server.url}/account/security`)
      await page.getByLabel('Name').fill('Phone')
      await page.getByRole('button', { name: 'Add a passkey' }).click()
      await page.getByRole('heading', { name: 'Phone' }).waitFor()
      await page.goto(`${server.url}/account`)
      await page.getByRole('button', { name: 'Unlink Telegram' }).click()
      await page.getByText('No account with another service is linked.').waitFor()
      await page.goto(`${server.url}/account/security`)
      await expectSound(page, 'security-passkey-alone')
      await page.getByRole('button', { name: 'Remove Phone' }).click()
      await page.getByRole('alert').filter({ hasText: 'your only way to sign in' }).waitFor()
      await expectSound(page, 'security-last-passkey')
      await page.context().clearCookies()
      await page.goto(`${server.url}/sign-in`)
      await page.waitForURL(`${server.url}/account`)
      expect(await page.locator('main').textContent()).toContain('Grace Hopper')
      expect(complaints).toEqual([])
      await close()
    })
  })
})
