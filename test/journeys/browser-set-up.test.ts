/** The first start of the program as its operator meets it: a link in the terminal, and Chromium. */
import type { Browser } from 'playwright-core'
import { newPlace } from '../cli/processes.ts'
import { launchChromium, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { startTestServer } from '../support/server.ts'
import { hasTerminal, serveInTerminal } from '../support/terminal-server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

const bob = { email: 'bob@example.com', password: 'another long enough password' }

describe.skipIf(!chromiumPath)('the set-up link, in a real Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  async function served(see: (url: string, link: string) => Promise<void>): Promise<void> {
    const place = await newPlace()
    const server = await serveInTerminal(place)
    try {
      const link = /http:\/\/localhost:\d+\/setup\?token=[\w-]+/.exec(server.screen())?.[0]
      await see(server.url, link ?? 'no link was printed')
    } finally {
      await server.stop()
      place.remove()
    }
  }

  for (const width of widths) {
    test.skipIf(!hasTerminal)(
      `at ${width} pixels makes the first administrator, who is in at once; it works once`,
      async () => {
        await served(async (url, link) => {
          const { page, complaints, close } = await watchedPage(browser, width)
          await page.goto(link)
          await expectSound(page, 'setup')
          await page.getByLabel('Email').fill(bob.email)
          await page.getByLabel('Name').fill('Bob')
          await page.getByLabel('Password').fill('password1')
          await page.getByRole('button', { name: 'Create administrator' }).click()
          await page.getByRole('alert').waitFor()
          await expectSound(page, 'setup-problem')
          expect(await page.locator(':focus').getAttribute('name')).toBe('password')
          await page.getByLabel('Password').fill(bob.password)
          await page.getByRole('button', { name: 'Create administrator' }).click()
          await page.waitForURL(`${url}/admin`)
          await expectSound(page, 'setup-done')
          await page.goto(link)
          await page.getByRole('heading', { name: 'This link no longer works' }).waitFor()
          await page.getByText('has an administrator already').waitFor()
          expect(await page.locator('form').count()).toBe(0)
          await expectSound(page, 'setup-again')
          expect(complaints).toEqual([])
          await close()
        })
      },
      60_000,
    )
  }

  test('the administrator sets up a second factor first where the server wants one', async () => {
    const signIn = { requireSecondFactor: 'admins' } as const
    const server = await startTestServer({ signIn }, { withoutAdmin: true })
    const { page, complaints, close } = await watchedPage(browser, 390)
    await page.goto(server.setupLink ?? '')
    await page.getByLabel('Email').fill(bob.email)
    await page.getByLabel('Name').fill('Bob')
    await page.getByLabel('Password').fill(bob.password)
    await page.getByRole('button', { name: 'Create administrator' }).click()
    await page.getByRole('heading', { name: 'Set up codes from an app' }).waitFor()
    expect(complaints).toEqual([])
    await close()
    await server.stop()
  })
})
