/**
 * Whole lives of jobs: an application on an official MCP client books, a worker in another process
 * carries it out, and only the person, in a real Chromium, lets it pay.
 */
import type { ChildProcess } from 'node:child_process'
import { type Browser, chromium, type Page } from 'playwright-core'
import { appRedirectUri } from '../support/app-memory.ts'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { BrowserPerson } from '../support/browser-person.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { booking } from '../support/mcp-app.ts'
import { addClient, type OperatorClient } from '../support/operator-client.ts'
import { admin, freePort, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { killProcess, startWorkerProcess } from '../support/worker-process.ts'
import { type Application, applications } from './booking-applications.ts'
import { narrowResource } from './narrow-resource.ts'
import { expectSound } from './sound-page.ts'

interface Told {
  readonly status: string
  readonly note?: string
  readonly action?: { readonly what: string; readonly url: string }
  readonly result?: unknown
  readonly error?: unknown
}

describe.skipIf(!chromiumPath)('a job', () => {
  let browser: Browser
  let server: TestServer
  let mail: MailServer
  let workers: OperatorClient
  let worker: ChildProcess
  let elapsedMs = 0
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    mail = await startMailServer()
    const port = await freePort()
    const resources = [narrowResource(port)]
    const clock = () => Date.now() + elapsedMs
    server = await startTestServer({ port, resources, mail: { url: mail.url } }, { clock })
    workers = await addClient(server.services, { scope: 'jobs:work', clientName: 'Worker' })
    worker = startWorker()
  })
  afterAll(async () => {
    await killProcess(worker)
    await browser.close()
    await server.stop()
    await mail.stop()
  })

  const startWorker = () =>
    startWorkerProcess('asking-worker.ts', { url: server.url, client: workers })

  /** In a browser of its own, from the consent to the end of the job. */
  async function live(
    version: keyof typeof applications,
    width: number,
    see: (page: Page, app: Application) => Promise<void>,
  ): Promise<void> {
    const { page, complaints, close } = await watchedPage(browser, width)
    try {
      const app = await applications[version](server, new BrowserPerson(page))
      await see(page, app)
      const isCallback = (text: string) => text.startsWith(`failed: ${appRedirectUri}`)
      expect(complaints.filter((text) => !isCallback(text))).toEqual([])
      await app.close()
    } finally {
      await close()
    }
  }

  async function book(app: Application, restaurant = booking.restaurant): Promise<string> {
    const booked = await app.call('book_restaurant', { ...booking, restaurant })
    return (booked.structuredContent as { jobId: string }).jobId
  }

  const pause = () => new Promise((done) => setTimeout(done, 50))

  /** Asks again and again, as applications do. */
  async function until(app: Application, jobId: string, status: string): Promise<Told> {
    for (;;) {
      const told = (await app.call('get_job_status', { jobId })).structuredContent as Told
      if (told.status === status) return told
      if (['done', 'error', 'cancelled'].includes(told.status)) throw new Error(told.status)
      await pause()
    }
  }

  async function decide(page: Page, choice: 'Approve' | 'Deny', reason?: string): Promise<void> {
    if (reason !== undefined) await page.getByLabel('Reason').fill(reason)
    await page.getByRole('button', { name: choice, exact: true }).click()
  }

  describe.each([
    ['1.x', 390],
    ['2.x', 1280],
  ] as const)('of the SDK %s, approved at %p pixels', (version, width) => {
    test('pays once the person has seen what, and shown anew who they are; all of it is on record', async () => {
      await live(version, width, async (page, app) => {
        elapsedMs += 10 * 60_000
        const jobId = await book(app)
        const { action } = await until(app, jobId, 'paused_payment')
        const url = action?.url ?? ''
        const approvalId = url.split('/').at(-1)
        await mail.next({ to: admin.email, with: url })
        // What the application holds opens nothing.
        const refused = await fetch(`${server.url}/api/approvals/${approvalId}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${app.token()}` },
        })
        expect(refused.status).toBe(403)
        expect(await refused.text()).toContain(url)
        await page.goto(url)
        const main = page.locator('main')
        for (const words of ['84.50', 'EUR', 'Chez Panisse', 'Deposit', '2027-01-14']) {
          expect(await main.textContent()).toContain(words)
        }
        await expectSound(page, 'journey-approval')
        await decide(page, 'Approve')
        await page.waitForURL(/sign-in/)
        expect((await until(app, jobId, 'paused_payment')).action?.url).toBe(url)
        await new BrowserPerson(page).proveAgain()
        await page.waitForURL(url)
        await expectSound(page, 'journey-approval-fresh')
        await decide(page, 'Approve')
        await page.getByText('You approved it').waitFor()
        expect((await until(app, jobId, 'done')).result).toEqual({
          confirmation: 'T-1',
          answer: null,
        })
        await expectRecorded(app, jobId)
      })
    })
  })

  async function expectRecorded(app: Application, jobId: string): Promise<void> {
    const told = (await app.call('get_job_audit', { jobId })).structuredContent as {
      events: { type: string; actor: string; at: string }[]
    }
    const application = `client:${app.clientId}`
    const byWorker = `client:${workers.client_id}`
    const [person] = await server.services.log.read({ types: ['UserRegistered'] })
    const byPerson = `user:${person?.payload.userId}`
    expect(told.events.map(({ type, actor }) => [type, actor])).toEqual([
      ['JobQueued', application],
      ['JobClaimed', byWorker],
      ['JobProgressed', byWorker],
      ['JobPaused', byWorker],
      ['JobResumed', byPerson],
      ['JobProgressed', byWorker],
      ['JobFinished', byWorker],
    ])
    const times = told.events.map(({ at }) => Date.parse(at))
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  }

  test('whose worker is killed while the person thinks goes on at the next, without asking twice', async () => {
    await live('2.x', 390, async (page, app) => {
      const jobId = await book(app)
      const { action } = await until(app, jobId, 'paused_payment')
      await killProcess(worker)
      // Longer than its lease, and than a sign-in counts.
      elapsedMs += 10 * 60_000
      await page.goto(action?.url ?? '')
      await decide(page, 'Approve')
      await page.waitForURL(/sign-in/)
      await new BrowserPerson(page).proveAgain()
      await page.waitForURL(action?.url ?? '')
      await decide(page, 'Approve')
      await page.getByText('You approved it').waitFor()
      await until(app, jobId, 'queued')
      worker = startWorker()
      await until(app, jobId, 'done')
      const types = (await server.services.log.read({ streamId: `job/${jobId}` })).map(
        ({ type }) => type,
      )
      expect(types.filter((type) => type === 'JobClaimed')).toHaveLength(2)
      expect(types.filter((type) => type === 'JobPaused')).toHaveLength(1)
    })
  })

  test('that is denied ends; the person reads why on the page, and the application does not', async () => {
    await live('2.x', 1280, async (page, app) => {
      const jobId = await book(app)
      const url = (await until(app, jobId, 'paused_payment')).action?.url ?? ''
      await page.goto(url)
      await decide(page, 'Deny', 'Far too <dear>')
      await page.getByText('You denied it').waitFor()
      const told = await until(app, jobId, 'cancelled')
      expect(told.result).toBeUndefined()
      expect(JSON.stringify(told)).not.toContain('dear')
      await page.goto(url)
      await page.getByText('Far too <dear>').waitFor()
      await expectSound(page, 'journey-denied')
      expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
    })
  })

  test('that nobody decides ends by itself, and its page says so', async () => {
    await live('2.x', 390, async (page, app) => {
      const jobId = await book(app)
      const url = (await until(app, jobId, 'paused_payment')).action?.url ?? ''
      elapsedMs += 25 * 3_600_000
      const told = await until(app, jobId, 'error')
      expect(told.error).toMatchObject({ code: 'expired' })
      await page.goto(url)
      await new BrowserPerson(page).proveAgain()
      await page.goto(url)
      expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
      await expectSound(page, 'journey-expired')
    })
  })

  test.each([
    ['The Puzzle', 'captcha', 'https://puzzle.example/c', 'bridges'],
    ['The Club', 'needs_login', 'https://club.example/in', undefined],
  ] as const)(
    'at %s is %s until the person has been there',
    async (restaurant, status, link, answer) => {
      await live('2.x', 390, async (page, app) => {
        const jobId = await book(app, restaurant)
        const told = await until(app, jobId, status)
        await page.goto(told.action?.url ?? '')
        const way = page.getByRole('link', { name: /^Open / })
        expect(await way.getAttribute('href')).toBe(link)
        expect(await way.getAttribute('rel')).toContain('noreferrer')
        await expectSound(page, `journey-${status}`)
        if (answer !== undefined) await page.getByLabel('Answer').fill(answer)
        await page.getByRole('button', { name: 'Done, go on' }).click()
        await page.getByText('It goes on').waitFor()
        const { result } = await until(app, jobId, 'done')
        expect(result).toEqual({ confirmation: 'T-1', answer: answer ?? null })
      })
    },
  )
})
