/**
 * Writes the golden files that are missing:
 *
 *   bun test/golden/write.ts                  new event types and new versions
 *   bun test/golden/write.ts --unreleased     also those that changed before they were released
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { eventTypes } from '../../src/domain/catalog.ts'
import { changed, goldenFolder, goldenName, goldenText } from './event-schemas.ts'

const mayChange = process.argv.includes('--unreleased')
mkdirSync(goldenFolder, { recursive: true })

for (const type of eventTypes) {
  const name = goldenName(type.name, type.version)
  const file = new URL(name, goldenFolder)
  const text = goldenText(type)
  if (existsSync(file)) {
    if (readFileSync(file, 'utf8') === text) continue
    if (!mayChange) {
      console.error(changed(type))
      process.exitCode = 1
      continue
    }
  }
  writeFileSync(file, text)
  console.log(`Wrote test/golden/events/${name}`)
}
