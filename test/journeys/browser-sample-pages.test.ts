/**
 * Every page in every state that its samples have, set into a real Chromium with the headers, the
 * stylesheet and the scripts of the product: what is empty, full, refused, German or hostile.
 */
import { createServer, type Server } from 'node:http'
import { type Browser, chromium } from 'playwright-core'
import { agentWaitScript } from '../../src/web/agent-wait-script.ts'
import { copyScript } from '../../src/web/copy-script.ts'
import { passkeyScript } from '../../src/web/passkey-script.ts'
import { pageHeaders } from '../../src/web/security-headers.ts'
import { stylesheet } from '../../src/web/stylesheet.ts'
import { browserArguments, watchedPage } from '../support/browser.ts'
import { chromiumPath } from '../support/capabilities.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { samplePages } from '../web/sample-pages.ts'
import { flawsOf, widths } from './sound-page.ts'

/** A phone everywhere; a desktop too by night. */
const isNight = process.env.GRANTLOG_TEST_NIGHTLY !== undefined
const lookedAt = isNight ? widths : widths.slice(0, 1)

/** How many pages are looked at side by side. */
const atOnce = 3

const assets = [stylesheet, passkeyScript, agentWaitScript, copyScript]

/** One point, in place of the picture of an app. */
const picture = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAA=', 'base64')

interface Served {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

function served(path: string): Served | undefined {
  const asset = assets.find((each) => each.path === path)
  if (asset) return asset
  if (path.startsWith('/client-logos/'))
    return { headers: { 'content-type': 'image/gif' }, body: picture }
  const html = samplePages[decodeURIComponent(path.slice(1))]
  if (html === undefined) return undefined
  const asksServer = html.includes(' data-agent-request=')
  return { headers: pageHeaders({ runsScript: html.includes('<script '), asksServer }), body: html }
}

function startPages(): Promise<Server> {
  const server = createServer((request, response) => {
    const found = served(request.url ?? '')
    response.writeHead(found ? 200 : 404, found?.headers).end(found?.body)
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let browser: Browser
  let server: Server
  let url = ''
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: browserArguments,
    })
    server = await startPages()
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  })
  afterAll(async () => {
    await browser.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  test.each(lookedAt)(
    'every sample page is sound at %p pixels',
    async (width) => {
      const names = Object.keys(samplePages)
      const each = async (): Promise<string[]> => {
        const { page, complaints, close } = await watchedPage(browser, width)
        const found: string[] = []
        for (let name = names.pop(); name !== undefined; name = names.pop()) {
          await page.goto(`${url}/${encodeURIComponent(name)}`)
          const flaws = [...(await flawsOf(page, `sample-${name}`)), ...complaints.splice(0)]
          found.push(...flaws.map((flaw) => `${name}: ${flaw}`))
        }
        await close()
        return found
      }
      expect((await Promise.all(Array.from({ length: atOnce }, each))).flat()).toEqual([])
    },
    600_000,
  )
})
