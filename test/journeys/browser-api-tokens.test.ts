/** API tokens in a real Chromium: made, copied by a button, renewed, deleted; with scripts and without. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { browserArguments, follow, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

const path = '/developers/keys'

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    server = await startTestServer({ auditByToken: false })
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })

  async function signIn(page: Page) {
    await page.goto(`${server.url}/sign-in`)
    await page.getByLabel('Email').fill(admin.email)
    await page.getByLabel('Password').fill(admin.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/account')
  }

  async function fill(page: Page, name: string) {
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('See the jobs').check()
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByRole('heading', { name: 'Your token' }).waitFor()
  }

  describe.each(widths)('at %p pixels', (width) => {
    test('a person makes a token, copies it, renews and deletes it', async () => {
      const { page, complaints, close } = await watchedPage(browser, width)
      try {
        await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
        await signIn(page)
        await follow(page.getByRole('link', { name: 'Manage API tokens' }))
        await expectSound(page, 'api-tokens-empty')
        await follow(page.getByRole('link', { name: 'New API token' }))
        await expectSound(page, 'new-api-token')
        await fill(page, 'Laptop')
        await page.getByText('How to use it').click()
        await expectSound(page, 'api-token-text')
        const token = await page.locator('#token').textContent()
        await page.getByRole('button', { name: 'Copy' }).first().click()
        await page.getByText('Copied').waitFor()
        const clipboard = () => page.evaluate('navigator.clipboard.readText()')
        expect([await clipboard(), token?.startsWith('glt_live_')]).toEqual([token, true])
        await page.locator('summary', { hasText: 'Regenerate' }).click()
        await expectSound(page, 'api-token-regenerate')
        await page.getByRole('button', { name: 'Regenerate' }).click()
        await page.getByText('Renewed').waitFor()
        expect(await page.locator('#token').textContent()).not.toBe(token)
        await page.goto(server.url + path)
        await expectSound(page, 'api-tokens')
        await page.getByRole('link', { name: 'Laptop' }).click()
        await page.locator('summary', { hasText: 'Delete' }).click()
        await expectSound(page, 'api-token-delete')
        await page.getByRole('button', { name: 'Delete this token' }).click()
        await page.getByText('You have no API token').waitFor()
        expect(complaints).toEqual([])
      } finally {
        await close()
      }
    })
  })

  test('without scripts there is no button that does nothing', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    try {
      const page = await context.newPage()
      await signIn(page)
      await page.goto(`${server.url}${path}/new`)
      await fill(page, 'Cellar')
      expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(0)
    } finally {
      await context.close()
    }
  })
})
