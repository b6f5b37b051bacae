/**
 * The three spellings of a setting, converted mechanically:
 *
 *   code         registration.provisionalSeconds
 *   grantlog.toml  registration.provisional_seconds
 *   environment  GRANTLOG_REGISTRATION_PROVISIONAL_SECONDS
 */
import { KindGuard, type TSchema } from '@sinclair/typebox'
import type { SettingOptions } from './schema.ts'
import { settingsSchema } from './settings.ts'

export type SettingPath = readonly (string | number)[]

/** One setting that has a value of its own: no group, but a list counts as one. */
export interface Setting {
  readonly path: readonly string[]
  readonly schema: TSchema & SettingOptions
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** `resources[0].default_scopes`; below `scopes` the operator's own names, as they are. */
export function tomlName(path: SettingPath): string {
  let name = ''
  for (const [index, part] of path.entries()) {
    if (typeof part === 'number') name += `[${part}]`
    else if (isMap(path[index - 1])) name += `.${JSON.stringify(part)}`
    else name += `${name === '' ? '' : '.'}${snakeCase(part)}`
  }
  return name
}

/** Settings whose keys are the operator's own words. */
function isMap(name: string | number | undefined): boolean {
  return ['scopes', 'whoMay', 'options', 'headers', 'tools', 'methods'].includes(String(name))
}

export function environmentName(path: readonly string[]): string {
  return `GRANTLOG_${path.map(snakeCase).join('_').toUpperCase()}`
}

/** Every setting, in the order of the schema. */
export function allSettings(): Setting[] {
  return settingsIn(settingsSchema, [])
}

function settingsIn(schema: TSchema, path: readonly string[]): Setting[] {
  if (!KindGuard.IsObject(schema)) return [{ path, schema: schema as Setting['schema'] }]
  return Object.entries(schema.properties).flatMap(([name, inner]) =>
    settingsIn(inner, [...path, name]),
  )
}

/** Whether the environment can say it: a list of tables does not fit in a variable. */
export function fitsEnvironment({ schema }: Setting): boolean {
  return !(KindGuard.IsArray(schema) && KindGuard.IsObject(schema.items))
}

/** The known name that was probably meant, if one is near enough. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: { name: string; distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (!best || distance < best.distance) best = { name: candidate, distance }
  }
  return best && best.distance <= Math.min(3, name.length / 3) ? best.name : undefined
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const removed = (above[column] ?? 0) + 1
      const added = (current[column - 1] ?? 0) + 1
      current.push(Math.min(replaced, removed, added))
    }
    above = current
  }
  return above[b.length] ?? 0
}
