/**
 * The golden form of an event type: what readers of the log rely on, as a file. Keys are sorted
 * and the layout is fixed, so that a file differs only where the meaning does.
 */
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { eventTypes } from '../../src/domain/catalog.ts'
import type { EventType } from '../../src/domain/event.ts'

export const goldenFolder = new URL('./events/', import.meta.url)

export function goldenFiles(): string[] {
  return readdirSync(goldenFolder).toSorted()
}

export function goldenName(type: string, version: number): string {
  return `${type}.v${version}.json`
}

export function goldenText(type: EventType): string {
  const { name, version, subject = null, fields, schema } = type
  return `${print({ name, version, subject, fields, schema: JSON.parse(JSON.stringify(schema)) }, '')}\n`
}

/** The golden files that the catalog asks for: every version of every type up to today's. */
export function goldenNames(types: readonly EventType[] = eventTypes): string[] {
  return types.flatMap(({ name, version }) =>
    Array.from({ length: version }, (_, before) => goldenName(name, before + 1)),
  )
}

/** What to do about a golden file that no longer says what its event type says. */
export function changed(type: EventType): string {
  const { name, version } = type
  return [
    `The schema of "${name}" differs from test/golden/events/${goldenName(name, version)}.`,
    `If version ${version} was in a tagged release, put it back as it was: define version ${version + 1},`,
    `add an upcaster from ${version} to src/store/upcasting.ts, and run: bun test/golden/write.ts`,
    'If it was not, run: bun test/golden/write.ts --unreleased',
  ].join('\n')
}

/** What to do about a golden file that is not there. */
export function missing(name: string): string {
  return `There is no test/golden/events/${name}. If the event type is new, or its version is, run: bun test/golden/write.ts; an older version's file comes back from the history, not from the script`
}

/** What to do about an older version that cannot be read any more. */
export function notUpcast(name: string): string {
  return `No upcaster reads what test/golden/events/${name} describes: add one to src/store/upcasting.ts`
}

/** What to do about a golden file that belongs to nothing in the catalog. */
export function orphaned(file: string): string {
  return `Nothing in src/domain/catalog.ts belongs to test/golden/events/${basename(file)}: a released event type stays for ever, so put it back; delete the file only if it was never in a tagged release`
}

const columns = 100

/** JSON as Biome lays it out: objects a member a line, arrays on one line where they fit. */
function print(value: unknown, indent: string, before = 1): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const items = value.map((item) => print(item, inner))
    const line = `[${items.join(', ')}]`
    const fits = !line.includes('\n') && indent.length + before + line.length <= columns
    return fits ? line : `[\n${items.map((item) => `${inner}${item}`).join(',\n')}\n${indent}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => {
      const name = `${JSON.stringify(key)}: `
      // The order of required names means nothing, so that fields may be written in another.
      const sorted = key === 'required' ? [...(member as string[])].toSorted() : member
      return `${inner}${name}${print(sorted, inner, name.length + 1)}`
    })
  return members.length > 0 ? `{\n${members.join(',\n')}\n${indent}}` : '{}'
}
