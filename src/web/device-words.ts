/** What a browser calls itself, in words that its person may know it by. */
import bowser from 'bowser'
import { plainText } from './clean-text.ts'
import type { Words } from './words/words.ts'

export function deviceInWords(userAgent: string | null, { account }: Words): string {
  if (!userAgent) return account.unknownBrowser
  const { browser, os } = bowser.parse(userAgent)
  if (!browser.name) return account.unknownBrowser
  const name = plainText(browser.name, { graphemesMax: 40 })
  return os.name ? account.browserOn(name, plainText(os.name, { graphemesMax: 40 })) : name
}
