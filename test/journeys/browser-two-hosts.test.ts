/** Two hosts as a person meets them: everything that a real Chromium sees is at the front. */
import { type Browser, chromium } from 'playwright-core'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { type Callback, startCallback } from '../support/callback-server.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { authorizationUrl, newPkce, post, register } from '../support/oauth-client.ts'
import { admin } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { startTwoHosts, type TwoHosts } from '../support/two-hosts.ts'
import { expectSound, widths } from './sound-page.ts'

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let hosts: TwoHosts
  let callback: Callback
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    hosts = await startTwoHosts()
    callback = await startCallback()
  })
  afterAll(async () => {
    await browser.close()
    await callback.stop()
    await hosts.stop()
  })

  for (const width of widths) {
    test(`at ${width} pixels somebody signs in, approves and is back, by the front alone`, async () => {
      const client = await register(hosts.api, { redirect_uris: [callback.uri] })
      const pkce = newPkce()
      const asked = { redirect_uri: callback.uri, code_challenge: pkce.challenge }
      const { page, complaints, close } = await watchedPage(browser, width)
      const seen = new Set<string>()
      page.on('request', (request) => seen.add(new URL(request.url()).origin))
      await page.goto(authorizationUrl(hosts, client.client_id, asked))
      await expectSound(page, 'sign-in')
      await page.getByLabel('Email').fill(admin.email)
      await page.getByLabel('Password').fill(admin.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(`${hosts.url}/consent**`)
      await expectSound(page, 'consent')
      await page.getByRole('button', { name: 'Approve' }).click()
      await page.waitForURL((url) => url.href.startsWith(callback.uri))
      expect([...seen].sort()).toEqual([hosts.url, new URL(callback.uri).origin].sort())
      const code = new URL(page.url()).searchParams.get('code') ?? ''
      const form = {
        grant_type: 'authorization_code',
        client_id: client.client_id,
        redirect_uri: callback.uri,
        code_verifier: pkce.verifier,
        code,
      }
      expect((await post(hosts.api, '/oauth/token', { form })).status).toBe(200)
      expect(complaints).toEqual([])
      await close()
    })
  }
})
