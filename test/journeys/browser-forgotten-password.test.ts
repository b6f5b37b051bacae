/** A forgotten password, in a real Chromium: a link by mail, a new password, and links too old. */
import type { Browser, Page } from 'playwright-core'
import { registerUser } from '../../src/identity/register-user.ts'
import { launchChromium, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

const forgotten = 'what was it again'
const chosen = 'a nanosecond of wire'
const hourMs = 3_600_000

describe.skipIf(!chromiumPath)('a forgotten password, in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  let mail: MailServer
  let now = Date.now()
  let people = 0
  beforeAll(async () => {
    browser = await launchChromium()
    mail = await startMailServer()
    server = await startTestServer({ mail: { url: mail.url } }, { clock: () => now })
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await mail.stop()
  })

  async function visit(
    width: number,
    see: (page: Page, email: string) => Promise<void>,
  ): Promise<void> {
    people += 1
    const email = `grace-${people}@example.com`
    const account = { email, password: forgotten, name: 'Grace', admin: false, actor: 'cli' }
    await registerUser(server.services, account)
    const { page, complaints, close } = await watchedPage(browser, width)
    try {
      await see(page, email)
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  }

  /** From the sign-in page to the mail; gives the address of its link. */
  async function askFor(page: Page, email: string, look = false): Promise<string> {
    const after = mail.received.length
    await page.goto(`${server.url}/sign-in`)
    await page.getByRole('link', { name: 'Forgotten password?' }).click()
    await page.waitForURL(`${server.url}/password/forgotten`)
    if (look) await expectSound(page, 'forgotten-password')
    await page.getByLabel('Email').fill(email)
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.waitForURL(`${server.url}/done/mail-sent`)
    return server.url + (await mail.nextLink({ to: email, after }))
  }

  async function choose(page: Page, password: string): Promise<void> {
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Set the password' }).click()
  }

  async function signIn(page: Page, email: string, password: string): Promise<void> {
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  async function seesAnOldLink(page: Page): Promise<void> {
    await page.getByRole('heading', { name: 'This link no longer works' }).waitFor()
    expect(await page.locator('main').textContent()).toContain('has been used, or it is too old')
    expect(await page.locator('form').count()).toBe(0)
  }

  describe.each(widths)('at %p pixels', (width) => {
    test('is replaced by a link from the mail, which then works no second time', async () => {
      await visit(width, async (page, email) => {
        const link = await askFor(page, email, true)
        await page.goto(link)
        await expectSound(page, 'new-password')
        await choose(page, 'short')
        await page.getByRole('alert').filter({ hasText: 'too short' }).waitFor()
        expect(await page.locator(':focus').getAttribute('name')).toBe('password')
        await expectSound(page, 'new-password-problem')
        await choose(page, chosen)
        await page.waitForURL(`${server.url}/done/password-set`)
        await expectSound(page, 'password-set')
        await page.getByRole('link', { name: 'Sign in' }).click()
        await signIn(page, email, forgotten)
        await page.getByRole('alert').filter({ hasText: 'do not belong together' }).waitFor()
        await signIn(page, email, chosen)
        await page.waitForURL(`${server.url}/account`)
        await page.goto(link)
        await seesAnOldLink(page)
        await expectSound(page, 'link-used')
      })
    })

    test('is not replaced by a link that is too old, and a new link is one click away', async () => {
      await visit(width, async (page, email) => {
        const unopened = await askFor(page, email)
        now += hourMs
        await page.goto(unopened)
        await seesAnOldLink(page)
        await page.getByRole('link', { name: 'Sign in' }).click()
        await page.waitForURL(`${server.url}/sign-in`)
        // And one that grows too old while its page is open.
        await page.goto(await askFor(page, email))
        now += hourMs
        await choose(page, chosen)
        await seesAnOldLink(page)
      })
    })
  })
})
