/** What holds of every page: nothing that axe finds, nothing that a narrow screen cuts off. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from '../support/test.ts'

/** A phone and a desktop. */
export const widths = [390, 1280] as const

/** Set to a folder, it receives a picture of every page that is looked at. */
const picturesFolder = process.env.GRANTLOG_TEST_PICTURES

export async function expectSound(page: Page, name: string): Promise<void> {
  const width = page.viewportSize()?.width ?? 0
  if (picturesFolder) {
    await page.screenshot({ path: `${picturesFolder}/${name}-${width}.png`, fullPage: true })
  }
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target)}`)
  expect({ page: name, found }).toEqual({ page: name, found: [] })
  const contentWidth = await page.evaluate(() => document.documentElement.scrollWidth)
  expect({ page: name, contentWidth }).toEqual({ page: name, contentWidth: width })
}
