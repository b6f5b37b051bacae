/** What holds of every page: nothing that axe finds, nothing that a narrow screen cuts off. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from '../support/test.ts'

/** A phone and a desktop. */
export const widths = [390, 1280] as const

/** Set to a folder, it receives pictures of every page that is looked at, light and dark. */
const picturesFolder = process.env.GRANTLOG_TEST_PICTURES

export async function expectSound(page: Page, name: string): Promise<void> {
  expect({ page: name, flaws: await flawsOf(page, name) }).toEqual({ page: name, flaws: [] })
}

/** What is wrong with the page as it stands there, in words; nothing where it is sound. */
export async function flawsOf(page: Page, name: string): Promise<string[]> {
  await page.waitForLoadState()
  const width = page.viewportSize()?.width ?? 0
  if (picturesFolder) {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      const path = `${picturesFolder}/${name}-${width}-${colorScheme}.png`
      await page.screenshot({ path, fullPage: true, animations: 'disabled' })
    }
  }
  // Our pages have no frames, which alone would need the page of its own that axe opens otherwise.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  const { violations } = await axe.analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target)}`)
  const contentWidth = await page.evaluate(() => document.documentElement.scrollWidth)
  return contentWidth === width ? found : [...found, `is ${contentWidth} pixels wide`]
}
