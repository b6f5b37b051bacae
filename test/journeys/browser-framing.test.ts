/** A page elsewhere that frames sign-in and consent, in a real Chromium: it gets nothing to click on. */
import { createServer, type Server } from 'node:http'
import { type Browser, chromium } from 'playwright-core'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { authorizationUrl, register } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  let elsewhere: Server
  let framed = ''
  let address = ''
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    server = await startTestServer()
    elsewhere = createServer((_, response) => {
      const page = `<!doctype html><title>Win</title><iframe src="${framed}"></iframe>`
      response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const listening = elsewhere.address()
    // Another port of the same machine: the same site, so the session's cookie goes along.
    address = `http://localhost:${typeof listening === 'object' ? listening?.port : 0}/`
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    elsewhere.closeAllConnections()
    await new Promise((resolve) => elsewhere.close(resolve))
  })

  test('sign-in and consent show themselves alone, and in no frame', async () => {
    const { page, complaints, close } = await watchedPage(browser, 1280)
    try {
      const { client_id } = await register(server)
      await page.goto(authorizationUrl(server, client_id))
      const signIn = page.url()
      await page.getByLabel('Email').fill(admin.email)
      await page.getByLabel('Password').fill(admin.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: 'Approve' }).waitFor()
      const consent = page.url()
      expect(complaints).toEqual([])
      for (const inner of [signIn, consent, authorizationUrl(server, client_id)]) {
        const before = complaints.length
        framed = inner.replaceAll('&', '&amp;')
        await page.goto(address, { waitUntil: 'load' })
        const [, frame] = page.frames()
        const inside = (await frame?.content()) ?? ''
        expect([inner, /<form|Approve|password/i.test(inside)]).toEqual([inner, false])
        expect(complaints.slice(before).join()).toContain("frame-ancestors 'none'")
      }
    } finally {
      await close()
    }
  })
})
