/** An agent signs in, as the browser sees it that waits for it: a real Chromium. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { answerAs } from '../support/agent-browser.ts'
import { navigator, registerAgent } from '../support/agents.ts'
import { browserArguments, visitPage } from '../support/browser.ts'
import { type Callback, startCallback } from '../support/callback-server.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { authorizationUrl, register } from '../support/oauth-client.ts'
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
    server = await startTestServer({ agents: { enabled: true, unconfirmed: 'identity' } })
    callback = await startCallback()
    await registerAgent(server)
  })
  afterAll(async () => {
    await browser.close()
    await callback.stop()
    await server.stop()
  })

  const visit = (width: number, see: (page: Page) => Promise<void>) =>
    visitPage(browser, width, see)

  async function start(page: Page, scope = 'openid profile'): Promise<string> {
    const redirect_uris = [callback.uri]
    const client = await register(server, { client_name: 'Harbour master', redirect_uris })
    const asked = { scope, redirect_uri: callback.uri }
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

  test.each(widths)('at %p pixels an owner confirms, allows, and makes a secret', async (width) => {
    const agent_id = `agent-${width}`
    await registerAgent(server, { agent_id, owner_email: admin.email })
    await visit(width, async (page) => {
      await page.goto(`${server.url}/account/agents`)
      await page.getByLabel('Email').fill(admin.email)
      await page.getByLabel('Password').fill(admin.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Is this yours?' }).waitFor()
      await expectSound(page, 'own-agents-naming')
      await page.getByRole('button', { name: `${agent_id} is mine` }).click()
      await page.getByRole('heading', { name: agent_id }).waitFor()
      const other = await browser.newContext()
      const token = await start(await other.newPage(), 'openid read')
      const credentials = { ...navigator, agent_id }
      expect((await answerAs(server, { token }, credentials)).status).toBe(403)
      await page.reload()
      await page.getByRole('heading', { name: 'Questions of your agents' }).waitFor()
      await expectSound(page, 'own-agents-asked')
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.getByRole('heading', { name: 'May give access to' }).waitFor()
      await page.getByText(`Secret and end of ${agent_id}`).click()
      await expectSound(page, 'own-agents')
      await page.getByRole('button', { name: 'Make a new secret' }).click()
      await page.getByRole('heading', { name: 'The new secret' }).waitFor()
      await expectSound(page, 'own-agents-secret')
      await page.getByText(`Secret and end of ${agent_id}`).click()
      await page.getByRole('button', { name: 'End this agent' }).click()
      await page.getByText('This agent has ended').first().waitFor()
      await other.close()
    })
  })

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
