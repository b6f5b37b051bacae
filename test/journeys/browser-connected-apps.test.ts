/** Connected apps and a consent with a choice, in a real Chromium, at both widths. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { type Callback, startCallback } from '../support/callback-server.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { connectApp, twoResources } from '../support/connected-apps.ts'
import { authorizationUrl, eventsOf, isLive, register } from '../support/oauth-client.ts'
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
    const [jobs, files] = twoResources as [object, object]
    const resources = [{ ...jobs, risk: { book: 'high' } }, files] as typeof twoResources
    server = await startTestServer({ resources, consent: { scopes: 'choice' } })
    callback = await startCallback()
  })
  afterAll(async () => {
    await browser.close()
    await callback.stop()
    await server.stop()
  })

  async function signIn(page: Page) {
    await page.getByLabel('Email').fill(admin.email)
    await page.getByLabel('Password').fill(admin.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }

  test.each(widths)(
    'at %p pixels a person leaves a scope out, narrows, and revokes',
    async (width) => {
      const app = await connectApp(server)
      const { client_id } = await register(server, { redirect_uris: [callback.uri] })
      const { page, complaints, close } = await watchedPage(browser, width)
      try {
        const asked = { redirect_uri: callback.uri, scope: 'book read openid' }
        await page.goto(authorizationUrl(server, client_id, asked))
        await signIn(page)
        await page.getByLabel('Start jobs').uncheck()
        await expectSound(page, 'consent-choice')
        await page.getByRole('button', { name: 'Approve' }).click()
        await page.waitForURL(`${callback.uri}**`)
        expect(callback.take().has('code')).toBe(true)
        const [approved] = (await eventsOf(server, 'GrantApproved')).slice(-1)
        expect(approved?.payload.access).toMatchObject([{ scopes: ['read', 'openid'] }])

        await page.goto(`${server.url}/developers/connected-apps`)
        await expectSound(page, 'connected-apps')
        await page.goto(`${server.url}/developers/connected-apps/${app.grantId}`)
        await expectSound(page, 'connected-app')
        await page.getByLabel('Start jobs').uncheck()
        await page.getByRole('button', { name: 'Keep only what is ticked' }).click()
        await page.getByText('It has less access now.').waitFor()
        await expectSound(page, 'connected-app-narrowed')
        expect(await isLive(server, app.tokens.access_token)).toBe(true)
        // Another window revokes it meanwhile; the form that is open here then does no harm.
        const second = await page.context().newPage()
        await second.goto(page.url())
        await page.getByRole('button', { name: 'Revoke this access' }).click()
        await page.getByText('It ended at once.').waitFor()
        expect(await isLive(server, app.tokens.access_token)).toBe(false)
        await second.getByRole('button', { name: 'Revoke this access' }).click()
        await second.getByText('It ended at once.').waitFor()
        const ended = (await eventsOf(server, 'GrantEnded')).map(({ payload }) => payload.grantId)
        expect(ended.filter((id) => id === app.grantId)).toEqual([app.grantId])
        expect(complaints).toEqual([])
      } finally {
        await close()
      }
    },
  )
})
