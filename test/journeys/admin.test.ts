/** The administrator's pages in a real Chromium: looked at one by one, and used. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { browserArguments, follow, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { connect } from '../support/oauth-client.ts'
import { addClient } from '../support/operator-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

describe.skipIf(!chromiumPath)('an administrator in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    server = await startTestServer()
    await connect(server)
    for (let index = 0; index < 22; index += 1) {
      await addClient(server.services, { clientName: `Batch ${index}` })
    }
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })

  /** Signed in, in a browser of its own that is closed afterwards. */
  async function visit(width: number, see: (page: Page) => Promise<void>): Promise<void> {
    const { page, complaints, close } = await watchedPage(browser, width)
    try {
      await page.goto(`${server.url}/sign-in`)
      await page.getByLabel('Email').fill(admin.email)
      await page.getByLabel('Password').fill(admin.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('link', { name: 'Administrator' }).click()
      await page.getByRole('heading', { name: 'Administration' }).waitFor()
      await see(page)
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  }

  describe.each(widths)('at %p pixels', (width) => {
    test('goes from section to section, each of them sound', async () => {
      await visit(width, async (page) => {
        await expectSound(page, 'admin-overview')
        const sections = page.getByRole('navigation', { name: 'Administration' })
        for (const name of ['Apps', 'People', 'Consents', 'Tokens', 'Sessions']) {
          await sections.getByRole('link', { name, exact: true }).click()
          await page.getByRole('heading', { level: 1, name }).waitFor()
          await expectSound(page, `admin-${name}`)
        }
        for (const name of ['Signing keys', 'Settings']) {
          await sections.getByRole('link', { name }).click()
          await page.getByRole('heading', { level: 1, name }).waitFor()
          await expectSound(page, `admin-${name}`)
        }
      })
    })

    test('turns pages, searches, and finds nothing', async () => {
      await visit(width, async (page) => {
        await page.goto(`${server.url}/admin/clients`)
        await page.getByRole('link', { name: 'Next page' }).click()
        await page.getByRole('link', { name: 'First page' }).waitFor()
        await expectSound(page, 'admin-last-page')
        await page.getByRole('searchbox').fill('nobody at all')
        await page.getByRole('button', { name: 'Search' }).click()
        await page.getByText('Nothing matches').waitFor()
        await expectSound(page, 'admin-nothing')
      })
    })

    test('adds an app, sees its secret once, disables it with a reason, and deletes it', async () => {
      await visit(width, async (page) => {
        await page.goto(`${server.url}/admin/clients`)
        await follow(page.getByRole('link', { name: 'Add an app' }))
        await expectSound(page, 'admin-add-app')
        await page.getByLabel('Name').fill('Table planner')
        await page.getByLabel('Where answers go').fill('http://not-safe.example/cb')
        await page.getByRole('button', { name: 'Add this app' }).click()
        await page.getByRole('alert').waitFor()
        await expectSound(page, 'admin-add-app-refused')
        await page.getByLabel('Where answers go').fill('https://planner.example/cb')
        await page.getByRole('button', { name: 'Add this app' }).click()
        await page.getByRole('heading', { name: 'Write this secret down now' }).waitFor()
        await expectSound(page, 'admin-secret')
        await page.getByRole('link', { name: 'I have written it down' }).click()
        await page.getByRole('heading', { level: 1, name: 'Table planner' }).waitFor()
        await expectSound(page, 'admin-app')
        await follow(page.getByRole('link', { name: 'Disable the app' }))
        await expectSound(page, 'admin-disable-app')
        await page.getByLabel('Reason').fill('Nobody knows whose it is')
        await page.getByRole('button', { name: 'Disable the app' }).click()
        await page.getByText('Nobody knows whose it is').waitFor()
        await page.getByRole('link', { name: 'Delete the app' }).click()
        await page.getByRole('button', { name: 'Delete the app' }).click()
        await page.waitForURL(`${server.url}/admin/clients`)
      })
    })

    test('looks at a person and a consent', async () => {
      await visit(width, async (page) => {
        await page.goto(`${server.url}/admin/users?q=${admin.email}`)
        await page.locator('.rows a').first().click()
        await page.getByRole('link', { name: 'Change groups' }).waitFor()
        await expectSound(page, 'admin-person')
        await page.getByRole('link', { name: 'Take administration away' }).click()
        await page.getByRole('button', { name: 'Take it away' }).click()
        await page.getByText('This is the last administrator').waitFor()
        await expectSound(page, 'admin-last-admin')
        await page.goto(`${server.url}/admin/grants`)
        await page.locator('.rows h2 a').first().click()
        await page.getByRole('link', { name: 'End the consent' }).waitFor()
        await expectSound(page, 'admin-consent')
      })
    })
  })
})
