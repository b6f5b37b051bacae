/** What administrators and people see of MCP servers elsewhere, in a real Chromium, at both widths. */
import { type Browser, chromium } from 'playwright-core'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import {
  ask,
  callOf,
  type NotesGateway,
  sendTo,
  startNotesGateway,
} from '../support/notes-gateway.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { tool } from '../support/recording-upstream.ts'
import { admin } from '../support/server.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { expectSound, widths } from './sound-page.ts'

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let notes: NotesGateway
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    notes = await startNotesGateway({ definitionsSeconds: 0 })
  })
  afterAll(async () => {
    await browser.close()
    await notes.stop()
  })

  test.each(widths)(
    'at %p pixels an administrator approves a tool that has changed, and a person reads what was called',
    async (width) => {
      const { server, upstream, endpoint } = notes
      const { access_token: token } = (await notes.connect()).tokens
      const list = () => sendTo(endpoint, { token, body: ask('tools/list') })
      await list()
      await sendTo(endpoint, { token, body: callOf('read_note', { text: 'hello' }) })
      const description = `Reads <b>everything</b> at ${width} pixels`
      upstream.tools = [tool('read_note', { description }), tool('delete_note')]
      await list()
      await sendTo(endpoint, { token, body: callOf('read_note', { text: 'hello' }) })
      const { page, complaints, close } = await watchedPage(browser, width)
      try {
        await page.goto(`${server.url}/admin/gateway`)
        await page.getByLabel('Email').fill(admin.email)
        await page.getByLabel('Password').fill(admin.password)
        await page.getByRole('button', { name: 'Sign in', exact: true }).click()
        await page.getByText('has changed since it was approved').waitFor()
        await expectSound(page, 'admin-gateway-waiting')
        await page.getByRole('link', { name: 'Look at it' }).click()
        await page.getByText('<b>everything</b>').first().waitFor()
        await expectSound(page, 'admin-gateway-tool')
        await page.getByLabel('Reason').fill('the vendor announced it')
        await page.getByRole('button', { name: 'Approve the tool' }).click()
        await page.waitForURL(`${server.url}/admin/gateway`)
        expect(await page.getByText('has changed since it was approved').count()).toBe(0)
        await expectSound(page, 'admin-gateway')
        const [approved] = (await eventsOf(server, 'GatewayToolApproved')).slice(-1)
        expect(approved?.payload).toMatchObject({ reason: 'the vendor announced it' })

        const [grant] = (await eventsOf(server, 'GrantApproved')).slice(-1)
        await page.goto(`${server.url}/developers/connected-apps/${grant?.payload.grantId}`)
        await page.getByText('the tool had changed since it was approved').waitFor()
        await expectSound(page, 'connected-app-calls')
        expect(complaints).toEqual([])
      } finally {
        await close()
      }
    },
  )
})
