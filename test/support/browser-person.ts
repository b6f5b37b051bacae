/** A person who answers in a real browser what an application asks for. */
import type { Page, Request } from 'playwright-core'
import { appRedirectUri } from './app-memory.ts'
import { admin } from './server.ts'

export class BrowserPerson {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** @returns where the application is called back; nobody listens there */
  async answer(url: string, decision: 'approve' | 'deny' = 'approve'): Promise<URL> {
    await this.page.goto(url)
    await this.proveAgain()
    const name = decision === 'approve' ? 'Approve' : 'Deny'
    const isBack = (request: Request) => request.url().startsWith(appRedirectUri)
    const back = this.page.waitForEvent('requestfailed', isBack)
    await this.page.getByRole('button', { name, exact: true }).click()
    const called = (await back).url()
    await this.page.waitForURL('chrome-error://**')
    return new URL(called)
  }

  /** Signs in, where the page asks for it. */
  async proveAgain(): Promise<void> {
    const password = this.page.getByLabel('Password')
    if (!(await password.isVisible())) return
    const email = this.page.getByLabel('Email')
    if (await email.isVisible()) await email.fill(admin.email)
    await password.fill(admin.password)
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await password.waitFor({ state: 'detached' })
    await this.page.waitForLoadState()
  }
}
