/** A page in a browser of its own, that remembers everything Chromium had to complain about. */
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { chromiumPath } from './capabilities.ts'
import { expect } from './test.ts'

export const browserArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A Chromium of the caller's own, to be closed by them. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: browserArguments,
  })
}

const height = 900

/** Goes where a link leads, and is there: what stands on both pages is that of the second. */
export async function follow(link: Locator): Promise<void> {
  const page = link.page()
  const { href } = new URL((await link.getAttribute('href')) ?? '', page.url())
  await link.click()
  await page.waitForURL((url) => url.href === href)
}

/** How Chromium reports that a page itself was answered with an error, as a refused form is. */
const ownStatus = /^Failed to load resource: the server responded with a status of 4\d\d/

export interface WatchedPage {
  readonly page: Page
  /** Errors and warnings of the console, policy violations among them, and failed requests. */
  readonly complaints: string[]
  close(): Promise<void>
}

export async function watchedPage(browser: Browser, width: number): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width, height } })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return
    const isOfPage = message.location().url === page.url()
    if (isOfPage && ownStatus.test(message.text())) return
    complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`))
  page.on('requestfailed', (request) => {
    complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`)
  })
  return { page, complaints, close: () => context.close() }
}

/** Shows a page of this width, about which the browser must have nothing to complain. */
export async function visitPage(
  browser: Browser,
  width: number,
  see: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, complaints, close } = await watchedPage(browser, width)
  try {
    await see(page)
    expect(complaints).toEqual([])
  } finally {
    await close()
  }
}
