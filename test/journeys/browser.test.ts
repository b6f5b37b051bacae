/** The pages as a person meets them: a real Chromium, from the client's link to its callback. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { registerUser } from '../../src/identity/register-user.ts'
import { browserArguments, visitPage } from '../support/browser.ts'
import { type Callback, startCallback } from '../support/callback-server.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { authorizationUrl, newPkce, post, register } from '../support/oauth-client.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

const bob = { email: 'bob@example.com', password: 'another long enough password' }

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

  /** What a client opens: its authorization URL, with the means to redeem the answer. */
  async function newRequest() {
    const client = await register(server, {
      client_name: 'Table assistant',
      redirect_uris: [callback.uri],
    })
    const pkce = newPkce()
    const url = authorizationUrl(server, client.client_id, {
      redirect_uri: callback.uri,
      code_challenge: pkce.challenge,
      state: 'of this very request',
    })
    return { client, pkce, url }
  }

  async function signIn(page: Page, { email, password }: { email: string; password: string }) {
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  /** In a browser of its own, that is closed afterwards. */
  const visit = (width: number, see: (page: Page) => Promise<void>) =>
    visitPage(browser, width, see)

  describe.each(widths)('at %p pixels', (width) => {
    test('a person signs in, sees who asks for what, approves, and is back at the client', async () => {
      const { client, pkce, url } = await newRequest()
      await visit(width, async (page) => {
        await page.goto(url)
        await page.getByText('Table assistant').waitFor()
        await expectSound(page, 'sign-in')
        await signIn(page, admin)
        const heading = page.getByRole('heading', { level: 1 })
        await heading.filter({ hasText: 'Table assistant asks for access to Jobs' }).waitFor()
        const text = await page.locator('main').textContent()
        expect(text).toContain(new URL(callback.uri).host)
        for (const scope of ['book', 'read']) {
          await page.locator('.scopes code').getByText(scope, { exact: true }).waitFor()
        }
        expect(text).toContain('Start jobs for you, such as bookings')
        expect(text).toContain(admin.email)
        await expectSound(page, 'consent')
        await page.getByRole('button', { name: 'Approve' }).click()
        await page.waitForURL(`${callback.uri}**`)
      })
      const answer = callback.take()
      expect(answer.get('state')).toBe('of this very request')
      expect(answer.get('iss')).toBe(server.url)
      const redeemed = await post(server, '/oauth/token', {
        form: {
          grant_type: 'authorization_code',
          client_id: client.client_id,
          redirect_uri: callback.uri,
          code: answer.get('code') ?? '',
          code_verifier: pkce.verifier,
        },
      })
      expect([redeemed.status, redeemed.body.scope]).toEqual([200, 'book read'])
    })

    test('a wrong password is told, and the right one still leads on; Deny goes back too', async () => {
      const { url } = await newRequest()
      await visit(width, async (page) => {
        await page.goto(url)
        await signIn(page, { ...admin, password: 'not this one' })
        const alert = page.getByRole('alert')
        await alert.filter({ hasText: 'do not belong together' }).waitFor()
        expect(await page.getByLabel('Email').inputValue()).toBe(admin.email)
        expect(await page.locator(':focus').getAttribute('name')).toBe('password')
        await expectSound(page, 'sign-in-problem')
        await signIn(page, admin)
        await page.getByRole('button', { name: 'Deny' }).click()
        await page.waitForURL(`${callback.uri}**`)
      })
      const answer = callback.take()
      expect(answer.get('error')).toBe('access_denied')
      expect(answer.get('state')).toBe('of this very request')
      expect(answer.get('iss')).toBe(server.url)
      expect(answer.has('code')).toBe(false)
    })

    test('the front page, the account and an error are sound; signing out ends the session', async () => {
      await visit(width, async (page) => {
        await page.goto(server.url)
        await expectSound(page, 'home')
        await page.getByRole('link', { name: 'Errors, and what to do' }).click()
        await page.waitForURL(`${server.url}/docs/errors`)
        await expectSound(page, 'errors')
        await page.goto(`${server.url}/sign-in`)
        await signIn(page, admin)
        await page.waitForURL(`${server.url}/account`)
        await expectSound(page, 'account')
        const cookies = await page.context().cookies()
        const kept = cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite])
        expect(kept.sort()).toEqual([
          ['grantlog-browser', true, 'Lax'],
          ['grantlog-session', true, 'Lax'],
        ])
        await page.getByRole('button', { name: 'Sign out', exact: true }).click()
        await page.waitForURL(`${server.url}/sign-in`)
        await page.goto(`${server.url}/account`)
        await page.waitForURL(`${server.url}/sign-in?next=/account`)
        await page.goto(`${server.url}/oauth/authorize?client_id=nobody`)
        await page.getByText('Reference').waitFor()
        await expectSound(page, 'error')
      })
    })
  })

  test('another account can answer: the consent then names it', async () => {
    const { url } = await newRequest()
    const made = await registerUser(server.services, {
      ...bob,
      name: '',
      admin: false,
      actor: 'cli',
    })
    expect(made.outcome).toBe('accepted')
    await visit(1280, async (page) => {
      await page.goto(url)
      await signIn(page, admin)
      await page.getByRole('button', { name: 'Use another account' }).click()
      await page.getByText('to continue to').waitFor()
      await signIn(page, bob)
      await page.locator('.as-whom').getByText(bob.email).waitFor()
      await page.getByRole('button', { name: 'Approve' }).click()
      await page.waitForURL(`${callback.uri}**`)
    })
    expect(callback.take().get('code')).not.toBe(null)
  })
})
