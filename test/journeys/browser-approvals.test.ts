/** A person decides a payment in a real Chromium: from the sign-in to the page and back after a new proof. */
import { type Browser, chromium } from 'playwright-core'
import { approvalOfJob, decide } from '../support/approvals.ts'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { jobCaller } from '../support/job-caller.ts'
import { jobWorker } from '../support/job-worker.ts'
import { admin, startTestServer, type TestServer } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

describe.skipIf(!chromiumPath)('an approval in a real Chromium', () => {
  let browser: Browser
  let server: TestServer
  let ahead = 0
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    server = await startTestServer({}, { clock: () => Date.now() + ahead })
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })

  async function asked(tool: string) {
    const [caller, worker] = [await jobCaller(server), await jobWorker(server)]
    const jobId = await caller.start({ tool })
    const payment = { amount: '84.50', currency: 'EUR', payee: 'Da Enzo', description: 'Seats' }
    const held = await worker.take({ tools: [tool] })
    await worker.report(held, { type: 'paused_payment', note: 'Pay', payment })
    return approvalOfJob(server, jobId)
  }

  for (const width of widths) {
    test(`is decided after a fresh proof, at ${width} pixels`, async () => {
      const about = await asked(`book_${width}`)
      const { page, complaints, close } = await watchedPage(browser, width)
      const signIn = async () => {
        await page.getByLabel('Email').fill(admin.email)
        await page.getByLabel('Password').fill(admin.password)
        await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      }
      await page.goto(`${server.url}/approvals/${about.approvalId}`)
      await signIn()
      await page.getByText('84.50').waitFor()
      await expectSound(page, 'approval')
      ahead += 180_000
      await page.getByRole('button', { name: 'Approve' }).click()
      await signIn()
      await page.getByText('84.50').waitFor()
      expect(page.url()).toBe(`${server.url}/approvals/${about.approvalId}`)
      await page.getByRole('button', { name: 'Approve' }).click()
      await page.getByText('You approved it').waitFor()
      await expectSound(page, 'approvals')
      expect(await decide(server, about)).toEqual({
        outcome: 'refused',
        reason: 'approval_decided',
      })
      expect(complaints).toEqual([])
      await close()
    })
  }
})
