/**
 * Signing in elsewhere as a person meets it: a real Chromium, and another Grantlog as the service,
 * so that both sides speak the whole protocol.
 */
import { type Browser, chromium, type Page } from 'playwright-core'
import { registerUser } from '../../src/identity/register-user.ts'
import { browserArguments, visitPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { authorizationUrl, register } from '../support/oauth-client.ts'
import { admin, freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

const grace = { email: 'grace@navy.example', password: 'a nanosecond of wire' }

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let elsewhere: TestServer
  let server: TestServer
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    // Cookies know no ports, so the two must not share a host.
    const upstreamPort = await freePort()
    const host = `127.0.0.1:${upstreamPort}`
    elsewhere = await startTestServer({ port: upstreamPort, issuer: `http://${host}` })
    const person = { ...grace, name: 'Grace Hopper', admin: false, actor: 'cli' }
    await registerUser(elsewhere.services, person)
    const port = await freePort()
    const client = await register(elsewhere, {
      client_name: 'The other server',
      redirect_uris: [`http://localhost:${port}/sign-in/from/company`],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'openid profile email',
    })
    server = await startTestServer({
      port,
      upstreams: [
        {
          id: 'company',
          name: 'Company',
          issuer: `http://${host}`,
          clientId: client.client_id,
          clientSecret: client.client_secret ?? '',
          signUp: true,
          trustEmail: true,
        },
      ],
      outbound: { allowedHosts: [host] },
    })
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await elsewhere.stop()
  })

  async function signIn(page: Page, { email, password }: { email: string; password: string }) {
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  const inBrowser = (width: number, see: (page: Page) => Promise<void>) =>
    visitPage(browser, width, see)

  describe.each(widths)('at %p pixels', (width) => {
    test('a person signs in elsewhere, allows it there, and goes on to what waited here', async () => {
      const client = await register(server, { client_name: 'Table assistant' })
      await inBrowser(width, async (page) => {
        await page.goto(authorizationUrl(server, client.client_id))
        await page.getByRole('button', { name: 'Continue with Company' }).waitFor()
        await expectSound(page, 'sign-in-elsewhere')
        await page.getByRole('button', { name: 'Continue with Company' }).click()
        await page.waitForURL(`${elsewhere.url.replace('localhost', '127.0.0.1')}/**`)
        await signIn(page, grace)
        await page.getByRole('button', { name: 'Approve' }).click()
        const heading = page.getByRole('heading', { level: 1 })
        await heading.filter({ hasText: 'Table assistant asks for access' }).waitFor()
        expect(await page.locator('main').textContent()).toContain('Grace Hopper')
      })
    })

    test('a person links that account with the one here, and unlinks it', async () => {
      await inBrowser(width, async (page) => {
        await page.goto(`${server.url}/sign-in`)
        await signIn(page, admin)
        await page.getByRole('button', { name: 'Link Company' }).click()
        await signIn(page, { email: admin.email, password: admin.password })
        await page.getByRole('button', { name: 'Approve' }).click()
        const unlink = page.getByRole('button', { name: `Unlink Company ${admin.email}` })
        await unlink.waitFor()
        await expectSound(page, 'account-identities')
        await unlink.click()
        await page.getByText('No account with another service is linked.').waitFor()
      })
    })
  })
})
