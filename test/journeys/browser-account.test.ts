/** A whole life of an account in a real Chromium: by mail in, looked at, changed, and gone. */
import { type Browser, chromium } from 'playwright-core'
import { browserArguments, follow, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  let mail: MailServer
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    mail = await startMailServer()
    server = await startTestServer({ mail: { url: mail.url }, signUp: 'open' })
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await mail.stop()
  })

  for (const width of widths) {
    test(`at ${width} pixels a person signs up by mail, signs in by mail, and deletes the account`, async () => {
      const email = `grace-${width}@example.com`
      const { page, complaints, close } = await watchedPage(browser, width)
      const openMail = async (after: number) => {
        await page.goto(server.url + (await mail.nextLink({ to: email, after })))
      }
      await page.goto(`${server.url}/sign-in`)
      await expectSound(page, 'sign-in-by-mail')
      await follow(page.getByRole('link', { name: 'Create an account' }))
      await expectSound(page, 'sign-up')
      await page.getByLabel('Email').fill(email)
      await page.keyboard.press('Enter')
      await page.waitForURL(`${server.url}/done/mail-sent`)
      await expectSound(page, 'mail-sent')
      await openMail(0)
      await expectSound(page, 'sign-up-confirm')
      await page.getByLabel('Name').fill('Grace')
      await page.getByLabel('Password').fill('short')
      await page.getByRole('button', { name: 'Create account' }).click()
      await page.getByRole('alert').waitFor()
      await expectSound(page, 'sign-up-problem')
      expect(await page.getByLabel('Name').inputValue()).toBe('Grace')
      await page.getByLabel('Password').fill('a very long passphrase')
      await page.getByRole('button', { name: 'Create account' }).click()
      await page.waitForURL(`${server.url}/account`)
      await expectSound(page, 'account-new')
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.waitForURL(`${server.url}/sign-in`)
      await follow(page.getByRole('link', { name: 'Sign in by email' }))
      const before = mail.received.length
      await page.getByLabel('Email').fill(email)
      await page.getByRole('button', { name: 'Send the link' }).click()
      await page.waitForURL(`${server.url}/done/mail-sent`)
      await openMail(before)
      await expectSound(page, 'sign-in-confirm')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${server.url}/account`)
      for (const name of ['Change name', 'Change email', 'Change password', 'Delete account']) {
        await page.goto(`${server.url}/account`)
        await follow(page.getByRole('link', { name }))
        await expectSound(page, name.toLowerCase().replace(' ', '-'))
      }
      await page.getByRole('button', { name: 'Delete my account' }).click()
      await page.waitForURL(`${server.url}/done/account-deleted`)
      await expectSound(page, 'account-deleted')
      expect(complaints).toEqual([])
      await close()
    })
  }
})
