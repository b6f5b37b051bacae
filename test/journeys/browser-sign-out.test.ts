/** Signing out as a person meets it: in a real Chromium, asked for by a client. */
import { type Browser, chromium } from 'playwright-core'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { type Callback, startCallback } from '../support/callback-server.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { register } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  let callback: Callback
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    server = await startTestServer()
    callback = await startCallback()
  })
  afterAll(async () => {
    await browser.close()
    await callback.stop()
    await server.stop()
  })

  for (const width of widths) {
    test(`at ${width} pixels the person is asked, signs out, and goes on to the client`, async () => {
      const client = await register(server, {
        client_name: 'Table assistant',
        redirect_uris: [callback.uri],
        post_logout_redirect_uris: [callback.uri],
      })
      const asked = new URLSearchParams({
        client_id: client.client_id,
        post_logout_redirect_uri: callback.uri,
        state: 'of this very request',
      })
      const { page, complaints, close } = await watchedPage(browser, width)
      await page.goto(`${server.url}/sign-in`)
      await page.getByLabel('Email').fill(admin.email)
      await page.getByLabel('Password').fill(admin.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${server.url}/account`)
      await page.goto(`${server.url}/oauth/logout?${asked}`)
      await expectSound(page, 'sign-out')
      expect(await page.getByRole('link', { name: 'Stay signed in' }).count()).toBe(1)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL((url) => url.href.startsWith(callback.uri))
      expect(new URL(page.url()).searchParams.get('state')).toBe('of this very request')
      await page.goto(`${server.url}/oauth/logout?${asked}`)
      expect(await page.getByRole('heading').textContent()).toBe('You are signed out')
      await expectSound(page, 'signed-out')
      expect(complaints).toEqual([])
      await close()
    })
  }
})
