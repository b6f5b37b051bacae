/** Signing in with GitHub as a person meets it: allowed, not allowed, and linked with proof of both. */
import type { Browser, Page } from 'playwright-core'
import { launchChromium, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { type Provider, startProvider, upstreamsAt } from '../support/upstream-provider.ts'
import { expectSound, widths } from './sound-page.ts'

describe.skipIf(!chromiumPath)('GitHub, in a real Chromium', () => {
  let browser: Browser
  let github: Provider
  let server: TestServer
  let now = Date.now()
  beforeAll(async () => {
    browser = await launchChromium()
    github = await startProvider()
    github.asksPerson = true
    server = await startTestServer(
      upstreamsAt(github, { kind: 'github', name: 'GitHub', signUp: true, trustEmail: true }),
      { clock: () => now },
    )
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await github.stop()
  })

  async function visit(width: number, see: (page: Page) => Promise<void>): Promise<void> {
    const { page, complaints, close } = await watchedPage(browser, width)
    try {
      await see(page)
      const isHeldBack = (complaint: string) => complaint.startsWith(`failed: ${github.url}`)
      expect(complaints.filter((complaint) => !isHeldBack(complaint))).toEqual([])
    } finally {
      await close()
    }
  }

  /** Who is signed in at GitHub from now on. */
  function isAtGitHub(id: number, email?: string): void {
    github.person = { sub: '', id, login: `grace-${id}`, name: 'Grace Hopper' }
    github.emails = email === undefined ? [] : [{ email, primary: true, verified: true }]
  }

  async function leave(page: Page, button = 'Continue with GitHub'): Promise<void> {
    await page.getByRole('button', { name: button }).click()
    await page.waitForURL(`${github.url}/login/oauth/authorize**`)
  }

  async function signIn(page: Page): Promise<void> {
    await page.getByLabel('Email').fill(admin.email)
    await page.getByLabel('Password').fill(admin.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${server.url}/account`)
  }

  async function isTold(page: Page, problem: string): Promise<void> {
    await page.getByRole('alert').filter({ hasText: problem }).waitFor()
  }

  describe.each(widths)('at %p pixels', (width) => {
    test('a person who does not allow it is told so; one who does has an account', async () => {
      isAtGitHub(width, `grace-${width}@github.example`)
      await visit(width, async (page) => {
        await page.goto(`${server.url}/sign-in`)
        await leave(page)
        await page.getByRole('link', { name: 'Cancel' }).click()
        await isTold(page, 'You did not allow it there')
        await expectSound(page, 'github-denied')
        // The page on the way is gone as soon as GitHub has content to show.
        await page.route(`${github.url}/**`, (route) => route.fulfill({ status: 204 }), {
          times: 1,
        })
        const held = page.waitForEvent('requestfailed')
        await page.getByRole('button', { name: 'Continue with GitHub' }).click()
        await held
        await page.getByRole('heading', { name: 'On to GitHub' }).waitFor()
        await expectSound(page, 'on-to-github')
        await page.getByRole('link', { name: 'Go on' }).click()
        await page.getByRole('link', { name: 'Authorize' }).click()
        await page.waitForURL(`${server.url}/account`)
        const text = await page.locator('main').textContent()
        expect(text).toContain('Grace Hopper')
        expect(text).toContain(`grace-${width}@github.example`)
        await expectSound(page, 'account-by-github')
      })
    })

    test('it is linked by somebody who has just shown both, and then signs in', async () => {
      isAtGitHub(10_000 + width)
      await visit(width, async (page) => {
        await page.goto(`${server.url}/sign-in`)
        await signIn(page)
        // Not by whoever finds the browser open later.
        now += 11 * 60_000
        await page.getByRole('button', { name: 'Link GitHub' }).click()
        await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
        await expectSound(page, 'github-again')
        await signIn(page)
        await leave(page, 'Link GitHub')
        await page.getByRole('link', { name: 'Cancel' }).click()
        await isTold(page, 'You did not allow it there')
        await expectSound(page, 'github-not-linked')
        await leave(page, 'Link GitHub')
        await page.getByRole('link', { name: 'Authorize' }).click()
        const unlink = page.getByRole('button', { name: `Unlink GitHub grace-${10_000 + width}` })
        await unlink.waitFor()
        await page.context().clearCookies()
        await page.goto(`${server.url}/sign-in`)
        await leave(page)
        await page.getByRole('link', { name: 'Authorize' }).click()
        await page.waitForURL(`${server.url}/account`)
        expect(await page.locator('main').textContent()).toContain(admin.email)
        await unlink.click()
        await page.getByText('No account with another service is linked.').waitFor()
      })
    })
  })

  test('an address that somebody has here signs nobody in to their account', async () => {
    isAtGitHub(20_000, admin.email)
    await visit(390, async (page) => {
      await page.goto(`${server.url}/sign-in`)
      await leave(page)
      await page.getByRole('link', { name: 'Authorize' }).click()
      await isTold(page, 'An account here already has that email address')
    })
  })

  test('one account there belongs to one account here', async () => {
    isAtGitHub(30_000)
    await visit(390, async (page) => {
      await page.goto(`${server.url}/sign-in`)
      await leave(page)
      await page.getByRole('link', { name: 'Authorize' }).click()
      await page.waitForURL(`${server.url}/account`)
      await page.context().clearCookies()
      await page.goto(`${server.url}/sign-in`)
      await signIn(page)
      await leave(page, 'Link GitHub')
      await page.getByRole('link', { name: 'Authorize' }).click()
      await isTold(page, 'linked with another account here')
    })
  })
})
