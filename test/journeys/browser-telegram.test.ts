/** Telegram as a person meets it: its OpenID provider, links that its widget signs, and linking. */
import type { Browser, Page } from 'playwright-core'
import { launchChromium, visitPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { signedByTelegram } from '../support/telegram-link.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { expectSound, widths } from './sound-page.ts'

const botToken = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw'

describe.skipIf(!chromiumPath)('Telegram, in a real Chromium', () => {
  let browser: Browser
  let provider: Provider
  let server: TestServer
  let now = Date.now()
  beforeAll(async () => {
    browser = await launchChromium()
    provider = await startProvider()
    const telegram = { issuer: provider.url, name: 'Telegram', signUp: true }
    const widget = { id: 'bot', kind: 'telegram_widget', clientSecret: botToken } as const
    server = await startTestServer(
      upstreamsAt(provider, { ...telegram, kind: 'telegram_oidc' }, { ...telegram, ...widget }),
      { clock: () => now },
    )
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await provider.stop()
  })

  const visit = (width: number, see: (page: Page) => Promise<void>) =>
    visitPage(browser, width, see)

  /** Where the widget sends the browser of the person with this number, as Telegram signs it. */
  function widgetLink(id: number, by = botToken): string {
    const auth_date = String(Math.floor(now / 1000))
    const who = { id: String(id), first_name: 'Grace', username: `grace${id}`, auth_date }
    return `${server.url}/sign-in/telegram/bot?${new URLSearchParams(signedByTelegram(who, by))}`
  }

  async function isTold(page: Page, problem: string): Promise<void> {
    await page.getByRole('alert').filter({ hasText: problem }).waitFor()
  }

  describe.each(widths)('at %p pixels', (width) => {
    test('its OpenID provider makes an account without an address, which the widget knows too', async () => {
      provider.person = { sub: `telegram-${width}`, id: width }
      provider.told = { name: 'Grace Hopper' }
      await visit(width, async (page) => {
        await page.goto(`${server.url}/sign-in`)
        await expectSound(page, 'sign-in-telegram')
        await page.getByRole('button', { name: 'Continue with Telegram' }).click()
        await page.waitForURL(`${server.url}/account`)
        expect(await page.locator('main').textContent()).toContain('Grace Hopper')
        // A password is of no use to somebody who has no address to go with it.
        expect(await page.getByRole('link', { name: 'Set a password' }).count()).toBe(0)
        await expectSound(page, 'account-without-address')
        await page.goto(`${server.url}/account/security`)
        await expectSound(page, 'security-without-password')
        await page.goto(`${server.url}/account`)
        await page.getByRole('button', { name: 'Unlink Telegram' }).click()
        await isTold(page, 'the only way to sign in to your account')
        await expectSound(page, 'last-way-in')
        await page.context().clearCookies()
        await page.goto(widgetLink(width))
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.waitForURL(`${server.url}/account`)
        expect(await page.locator('main').textContent()).toContain('Grace Hopper')
      })
    })

    test('a link that the widget signs asks first, and signs in once', async () => {
      const id = 10_000 + width
      const link = widgetLink(id)
      await visit(width, async (page) => {
        await page.goto(link)
        await page.getByText(`Sign in as @grace${id}?`).waitFor()
        await expectSound(page, 'telegram-sign-in')
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.waitForURL(`${server.url}/account`)
        await page.context().clearCookies()
        await page.goto(link)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await isTold(page, 'took too long, or was answered already')
        await expectSound(page, 'telegram-used')
        await page.goto(link.replace(`grace${id}`, 'ada'))
        await isTold(page, 'did not prove who you are')
        await page.goto(widgetLink(id, '1:another bot'))
        await isTold(page, 'did not prove who you are')
      })
    })

    test('whoever is signed in links it by such a link, and then signs in by the next', async () => {
      const id = 20_000 + width
      await visit(width, async (page) => {
        await page.goto(`${server.url}/sign-in`)
        await page.getByLabel('Email').fill(admin.email)
        await page.getByLabel('Password').fill(admin.password)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.waitForURL(`${server.url}/account`)
        await page.goto(widgetLink(id))
        await page.getByText(`Link @grace${id} to your account?`).waitFor()
        await expectSound(page, 'telegram-link')
        await page.getByRole('button', { name: 'Link' }).click()
        await page.getByRole('button', { name: `Unlink Telegram @grace${id}` }).waitFor()
        await expectSound(page, 'account-telegram')
        now += 2000
        await page.context().clearCookies()
        await page.goto(widgetLink(id))
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.waitForURL(`${server.url}/account`)
        expect(await page.locator('main').textContent()).toContain(admin.email)
        await page.getByRole('button', { name: `Unlink Telegram @grace${id}` }).click()
        await page.getByText('No account with another service is linked.').waitFor()
      })
    })
  })

  test('a link is too old after a few minutes', async () => {
    const link = widgetLink(30_000)
    now += 6 * 60_000
    await visit(390, async (page) => {
      await page.goto(link)
      await isTold(page, 'took too long, or was answered already')
    })
  })
})
