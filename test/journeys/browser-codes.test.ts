/** Codes from an app beside the password, as a person sets them up, uses them and turns them off. */
import type { Browser, Page } from 'playwright-core'
import { registerUser } from '../../src/identity/register-user.ts'
import { launchChromium, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { codeAt, keyOn } from '../support/second-factor.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

const stepMs = 30_000
const password = 'a nanosecond of wire'

describe.skipIf(!chromiumPath)('codes from an app, in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  let strict: TestServer
  let now = Date.now()
  beforeAll(async () => {
    browser = await launchChromium()
    server = await startTestServer({}, { clock: () => now })
    const signIn = { requireSecondFactor: 'everybody' } as const
    strict = await startTestServer({ signIn }, { clock: () => now })
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await strict.stop()
  })

  async function visit(
    width: number,
    at: { server: TestServer; email: string },
    see: (person: Person) => Promise<void>,
  ): Promise<void> {
    const account = { email: at.email, password, name: 'Grace', admin: false, actor: 'cli' }
    await registerUser(at.server.services, account)
    const { page, complaints, close } = await watchedPage(browser, width)
    try {
      await see(new Person(page, at.email))
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  }

  class Person {
    readonly page: Page
    readonly email: string
    #key: Uint8Array = new Uint8Array()

    constructor(page: Page, email: string) {
      this.page = page
      this.email = email
    }

    async typesPassword(url = `${server.url}/sign-in`): Promise<void> {
      await this.page.goto(url)
      await this.page.getByLabel('Email').fill(this.email)
      await this.page.getByLabel('Password').fill(password)
      await this.page.getByRole('button', { name: 'Sign in' }).click()
    }

    async sends(code: string, button = 'Continue'): Promise<void> {
      await this.page.getByRole('textbox', { name: 'Code' }).fill(code)
      await this.page.getByRole('button', { name: button }).click()
    }

    /** Types the key of the page into the app. */
    async readsKey(): Promise<void> {
      const before = this.#key
      this.#key = keyOn(await this.page.content())
      if (before.length > 0) expect(this.#key).toEqual(before)
    }

    /** What the app shows next: no code is good twice. */
    nextCode(): string {
      now += stepMs
      return codeAt(this.#key, now)
    }

    async keepsRecoveryCodes(): Promise<string[]> {
      await this.page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor()
      const codes = await this.page.locator('.recovery-codes code').allTextContents()
      expect(new Set(codes).size).toBe(10)
      return codes
    }

    /** In a browser that has forgotten everything. */
    async startsAnew(code: string): Promise<void> {
      await this.page.context().clearCookies()
      await this.typesPassword()
      await this.sends(code)
    }

    async isRefused(): Promise<void> {
      await this.page.getByRole('alert').filter({ hasText: 'This code is not right' }).waitFor()
      expect(await this.page.locator(':focus').getAttribute('name')).toBe('code')
    }

    isIn(): Promise<void> {
      return this.page.waitForURL(`${server.url}/account`)
    }
  }

  /** Signed in, with an app set up; gives the recovery codes. */
  async function setUp(person: Person, look = false): Promise<string[]> {
    const { page } = person
    await person.typesPassword(`${server.url}/sign-in?next=/account/security`)
    await page.getByRole('link', { name: 'Set up an app' }).click()
    const picture = page.getByRole('img', { name: 'QR code' })
    expect((await picture.boundingBox())?.width).toBeGreaterThan(150)
    await person.readsKey()
    if (look) await expectSound(page, 'codes-set-up')
    await person.sends('000000', 'Turn on codes')
    await person.isRefused()
    if (look) await expectSound(page, 'codes-set-up-problem')
    await person.readsKey()
    await person.sends(person.nextCode(), 'Turn on codes')
    return person.keepsRecoveryCodes()
  }

  describe.each(widths)('at %p pixels', (width) => {
    test('an app is set up, then asked for; a recovery code stands in for it, once', async () => {
      await visit(width, { server, email: `codes-${width}@example.com` }, async (person) => {
        const { page } = person
        const [first = '', second = ''] = await setUp(person, true)
        await expectSound(page, 'recovery-codes')
        await page.getByRole('link', { name: 'I have kept them' }).click()
        await page.getByText('10 recovery codes are left.').waitFor()
        expect(await page.content()).not.toContain(first)
        await expectSound(page, 'security-codes')

        await page.context().clearCookies()
        await person.typesPassword()
        await page.getByRole('heading', { name: 'One more step' }).waitFor()
        await expectSound(page, 'second-step')
        await person.sends('000000')
        await person.isRefused()
        await expectSound(page, 'second-step-problem')
        await person.sends(person.nextCode())
        await person.isIn()

        await person.startsAnew(first)
        await person.isIn()
        await page.goto(`${server.url}/account/security`)
        await page.getByText('9 recovery codes are left.').waitFor()
        await person.startsAnew(first)
        await person.isRefused()
        await person.sends(second.toLowerCase().replace('-', ' '))
        await person.isIn()
      })
    })

    test('who must have one sets it up on the way in', async () => {
      const email = `must-${width}@example.com`
      await visit(width, { server: strict, email }, async (person) => {
        const { page } = person
        await person.typesPassword(`${strict.url}/sign-in`)
        await page.getByText('asks for a second proof').waitFor()
        await expectSound(page, 'enrolment')
        await person.readsKey()
        await person.sends(person.nextCode(), 'Turn on codes')
        await person.keepsRecoveryCodes()
        await expectSound(page, 'enrolment-recovery-codes')
        await page.getByRole('link', { name: 'I have kept them' }).click()
        await page.waitForURL(`${strict.url}/account`)
      })
    })
  })

  test('new recovery codes end the old ones, and codes are turned off', async () => {
    await visit(390, { server, email: 'anew@example.com' }, async (person) => {
      const { page } = person
      const old = await setUp(person)
      await page.getByRole('link', { name: 'I have kept them' }).click()
      await page.getByRole('button', { name: 'Make new recovery codes' }).click()
      await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor()
      const anew = await person.keepsRecoveryCodes()
      expect(anew.filter((code) => old.includes(code))).toEqual([])
      await person.startsAnew(old[0] ?? '')
      await person.isRefused()
      await person.sends(anew[0] ?? '')
      await person.isIn()
      await page.goto(`${server.url}/account/security`)
      await page.getByRole('button', { name: 'Turn off codes' }).click()
      await page.getByRole('link', { name: 'Set up an app' }).waitFor()
      await page.context().clearCookies()
      await person.typesPassword()
      await person.isIn()
    })
  })
})
