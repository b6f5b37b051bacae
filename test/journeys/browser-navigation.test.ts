/** The menu of who is signed in, in a real Chromium: by mouse, by keyboard, on a phone. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { browserArguments, follow, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

const places = [
  ['Your account', '/account'],
  ['How you sign in', '/account/security'],
  ['Connected apps', '/developers/connected-apps'],
  ['Approvals', '/approvals'],
  ['API tokens', '/developers/keys'],
  ['Administration', '/admin'],
] as const

describe.skipIf(!chromiumPath)('the menu in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  let single: TestServer
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    server = await startTestServer()
    single = await startTestServer({}, { preset: 'aigon' })
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await single.stop()
  })

  async function signIn(page: Page) {
    await page.getByLabel('Email').fill(admin.email)
    await page.getByLabel('Password').fill(admin.password)
    await page.keyboard.press('Enter')
  }

  function menuOf(page: Page) {
    return page.getByRole('navigation', { name: 'Account', exact: true })
  }

  for (const width of widths) {
    test(`at ${width} pixels it leads everywhere, says where one is, and signs out`, async () => {
      const { page, complaints, close } = await watchedPage(browser, width)
      // Who asks for a page is asked to sign in, and comes to it.
      await page.goto(`${server.url}/developers/connected-apps?page=1`)
      await expectSound(page, 'menu-sign-in')
      expect(await menuOf(page).count()).toBe(0)
      await signIn(page)
      await page.waitForURL(`${server.url}/developers/connected-apps?page=1`)
      const menu = menuOf(page)
      for (const [name, path] of places) {
        await menu.locator('summary').click()
        await expectSound(page, `menu-on-the-way-to-${name}`)
        await menu.getByRole('link', { name }).click()
        await page.waitForURL(server.url + path)
        await menu.locator('summary').click()
        const current = menu.locator('[aria-current="page"]')
        expect(await current.allTextContents()).toEqual([name])
        await menu.locator('summary').click()
      }
      await menu.locator('summary').click()
      await follow(menu.getByRole('link', { name: 'Sign out' }))
      await expectSound(page, 'menu-sign-out')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${server.url}/sign-in`)
      expect(complaints).toEqual([])
      await close()
    })
  }

  test('it opens and is walked through by keyboard, right after the name of the server', async () => {
    const { page, close } = await watchedPage(browser, 390)
    await page.goto(`${server.url}/account`)
    await signIn(page)
    await page.waitForURL(`${server.url}/account`)
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
    // Skip link, name of the server, menu.
    for (let n = 0; n < 3; n += 1) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const names: unknown[] = []
    for (let n = 0; n < places.length + 1; n += 1) {
      await page.keyboard.press('Tab')
      names.push(await focused())
    }
    expect(names).toEqual([...places.map(([name]) => name), 'Sign out'])
    await close()
  })

  test("one who has a single token finds it behind the profile icon as 'API Token'", async () => {
    const { page, close } = await watchedPage(browser, 390)
    await page.goto(`${single.url}/account`)
    await signIn(page)
    await page.waitForURL(`${single.url}/account`)
    await menuOf(page).locator('summary').click()
    await menuOf(page).getByRole('link', { name: 'API Token', exact: true }).click()
    await page.waitForURL(`${single.url}/developers/keys`)
    await close()
  })
})
