/** What a browser calls itself, in words that its person may know it by. */
import bowser from 'bowser'
import { plainText } from './clean-text.ts'
import type { Words } from './words/words.ts'

export function deviceInWords(userAgent: string | null, words: Words): string {
  return knownDevice(userAgent, words) ?? words.account.unknownBrowser
}

/** Undefined where it says nothing that a person would know it by. */
export function knownDevice(userAgent: string | null, { account }: Words): string | undefined {
  if (!userAgent) return undefined
  const { browser, os } = bowser.parse(userAgent)
  if (!browser.name) return undefined
  const name = plainText(browser.name, { graphemesMax: 40 })
  return os.name ? account.browserOn(name, plainText(os.name, { graphemesMax: 40 })) : name
}
