/** A consent that says more than scopes, in a real Chromium: what is new, in particular, and to choose. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { type Callback, startCallback } from '../support/callback-server.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { dinner, fetchedSafe, payment, safe } from '../support/detail-types.ts'
import { authorizationUrl, eventsOf, register } from '../support/oauth-client.ts'
import { type OptionServer, startOptionServer } from '../support/option-server.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  let callback: Callback
  let vault: OptionServer
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    vault = await startOptionServer()
    const fetched = { ...fetchedSafe(vault.url), type: 'fetched' }
    server = await startTestServer({
      outbound: { allowedHosts: [vault.host] },
      authorizationDetailTypes: [payment, safe, fetched],
    })
    vault.believe(server.url, vault.origin)
    callback = await startCallback()
  })
  afterAll(async () => {
    await browser.close()
    await callback.stop()
    await server.stop()
    await vault.stop()
  })

  async function signIn(page: Page) {
    await page.getByLabel('Email').fill(admin.email)
    await page.getByLabel('Password').fill(admin.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  test.each(widths)(
    'at %p pixels a person sees what is new, chooses, and approves',
    async (width) => {
      const { client_id } = await register(server, {
        client_name: 'Table assistant',
        redirect_uris: [callback.uri],
        token_endpoint_auth_method: 'client_secret_basic',
      })
      const urlFor = (scope: string, details?: unknown) =>
        authorizationUrl(server, client_id, {
          redirect_uri: callback.uri,
          scope,
          ...(details === undefined ? {} : { authorization_details: JSON.stringify(details) }),
        })
      const { page, complaints, close } = await watchedPage(browser, width)
      try {
        await page.goto(urlFor('read'))
        await signIn(page)
        await page.getByRole('button', { name: 'Approve' }).click()
        await page.waitForURL(`${callback.uri}**`)
        callback.take()
        const details = [{ ...dinner, items: ['wine', 'bread'] }, { type: 'safe' }]
        await page.goto(urlFor('book', details))
        await page.getByRole('heading', { name: 'Already allowed' }).waitFor()
        await page.getByText('120 EUR').waitFor()
        await expectSound(page, 'consent-in-particular')
        // Nothing is chosen yet, and the browser itself keeps the form back.
        await page.getByRole('button', { name: 'Approve' }).click()
        expect(page.url()).toContain('/consent')
        await page.getByLabel('Which safe').selectOption('The one at work')
        await page.getByRole('button', { name: 'Approve' }).click()
        await page.waitForURL(`${callback.uri}**`)
        expect(callback.take().has('code')).toBe(true)
        await page.goto(urlFor('book', [{ type: 'safe' }]))
        await page.getByRole('button', { name: 'Deny' }).click()
        await page.waitForURL(`${callback.uri}**`)
        expect(callback.take().get('error')).toBe('access_denied')
        expect(complaints).toEqual([])
      } finally {
        await close()
      }
      const last = (await eventsOf(server, 'GrantApproved')).at(-1)
      expect(last?.payload).toMatchObject({
        authorizationDetails: [{ type: 'payment' }, { type: 'safe', safe: 'work' }],
      })
    },
  )

  test.each(widths)(
    'at %p pixels a person reads that the options are not to be had, tries again, and chooses',
    async (width) => {
      const { client_id } = await register(server, { redirect_uris: [callback.uri] })
      const url = authorizationUrl(server, client_id, {
        redirect_uri: callback.uri,
        authorization_details: JSON.stringify([{ type: 'fetched' }]),
      })
      const { page, complaints, close } = await watchedPage(browser, width)
      try {
        vault.answer('nothing that anybody could choose from')
        await page.goto(url)
        await signIn(page)
        await page.getByText('cannot be had at the moment').waitFor()
        expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
        await expectSound(page, 'consent-options-unreachable')
        const label = '<img src=x onerror=alert(1)>\u202eyliмaf'
        vault.answer([
          { value: 'one', label },
          { value: 'two', label: 'The one at work' },
        ])
        await page.getByRole('link', { name: 'Try again' }).click()
        await page.getByLabel('Which safe').waitFor()
        await expectSound(page, 'consent-options')
        await page.getByLabel('Which safe').selectOption('The one at work')
        vault.answer([{ value: 'one', label }])
        await page.getByRole('button', { name: 'Approve' }).click()
        // It is gone meanwhile: what there is now is shown, and nothing was given.
        await page.getByLabel('Which safe').waitFor()
        expect(await page.getByText('The one at work').count()).toBe(0)
        await page.getByRole('button', { name: 'Approve' }).click()
        await page.waitForURL(`${callback.uri}**`)
        expect(callback.take().has('code')).toBe(true)
        expect(complaints).toEqual([])
      } finally {
        await close()
      }
      const last = (await eventsOf(server, 'GrantApproved')).at(-1)
      expect(last?.payload).toMatchObject({
        authorizationDetails: [{ type: 'fetched', safe: 'one' }],
      })
    },
  )
})
