/** An agent signs in, as the browser sees it that waits for it: a real Chromium. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { answerAs } from '../support/agent-browser.ts'
import { registerAgent } from '../support/agents.ts'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { type Callback, startCallback } from '../support/callback-server.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { authorizationUrl, register } from '../support/oauth-client.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
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
    server = await startTestServer({ agents: { enabled: true, unconfirmed: 'identity' } })
    callback = await startCallback()
    await registerAgent(server)
  })
  afterAll(async () => {
    await browser.close()
    await callback.stop()
    await server.stop()
  })

  async function visit(width: number, see: (page: Page) => Promise<void>): Promise<void> {
    const { page, complaints, close } = await watchedPage(browser, width)
    try {
      await see(page)
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  }

  async function start(page: Page): Promise<string> {
    const redirect_uris = [callback.uri]
    const client = await register(server, { client_name: 'Harbour master', redirect_uris })
    const asked = { scope: 'openid profile', redirect_uri: callback.uri }
    await page.goto(authorizationUrl(server, client.client_id, asked))
    await page.getByRole('link', { name: 'An agent signs in' }).click()
    await page.getByRole('heading', { name: 'An agent signs in' }).waitFor()
    return (await page.locator('[data-agent-request]').textContent()) ?? ''
  }

  test.each(widths)(
    'at %p pixels the page sees by itself that the agent has come',
    async (width) => {
      await visit(width, async (page) => {
        const token = await start(page)
        await expectSound(page, 'agent-waiting')
        expect((await answerAs(server, { token })).status).toBe(200)
        await page.getByText('This agent has answered').waitFor()
        await expectSound(page, 'agent-answered')
        expect(await page.locator('.facts').textContent()).toContain('navigator')
        await page.getByRole('button', { name: 'Continue as this agent' }).click()
        await page.waitForURL(/code=/)
      })
    },
  )

  test('without script a link does the same', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    try {
      const page = await context.newPage()
      const token = await start(page)
      await answerAs(server, { token })
      await page.getByRole('link', { name: 'Look again' }).click()
      await page.getByRole('button', { name: 'Do not sign in' }).click()
      await page.waitForURL(/error=access_denied/)
    } finally {
      await context.close()
    }
  })
})
