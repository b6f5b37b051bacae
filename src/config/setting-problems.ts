/** Says what is wrong with a value, and what it must be, without ever showing a secret one. */
import { KindGuard, type TSchema } from '@sinclair/typebox'
import { type ValueError, ValueErrorType } from '@sinclair/typebox/value'
import { formats, type SettingFormat } from './formats.ts'
import type { SettingOptions } from './schema.ts'
import type { SettingPath } from './setting-names.ts'
import { tomlName } from './setting-names.ts'
import { settingsSchema } from './settings.ts'

export interface SettingProblem {
  readonly place: string
  readonly message: string
}

const shownCharsMax = 100

/**
 * Undefined for a value that nobody gave: it was worked out from one that is wrong itself, and
 * that one has its own message.
 */
export function problemOf(
  error: ValueError,
  nameOf: (path: SettingPath) => string | undefined,
): SettingProblem | undefined {
  const path = pathOf(error.path)
  if (error.type === ValueErrorType.ObjectRequiredProperty) {
    const place = nameOf(path.slice(0, -1))
    if (place === undefined) return undefined
    return { place: `${place}.${tomlName(path.slice(-1))}`, message: 'is missing' }
  }
  const place = nameOf(path)
  if (place === undefined) return undefined
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    const isHeader = path.includes('headers')
    const scope = 'is not a scope name: it has a space, a quote or a backslash'
    return { place, message: isHeader ? 'is not the name of a header' : scope }
  }
  return { place, message: `must be ${expected(error.schema)}${shown(error, path)}` }
}

/** In words, what a schema wants. */
export function expected(schema: TSchema): string {
  if (KindGuard.IsInteger(schema)) {
    return `a whole number from ${schema.minimum} to ${schema.maximum}`
  }
  if (KindGuard.IsBoolean(schema)) return 'true or false'
  if (KindGuard.IsUnion(schema)) {
    return schema.anyOf.map((choice) => `"${String(choice.const)}"`).join(' or ')
  }
  if (KindGuard.IsArray(schema)) {
    return `a list of at ${schema.minItems ? 'least one and at ' : ''}most ${schema.maxItems}`
  }
  if (KindGuard.IsString(schema)) return expectedText(schema)
  return 'a table that has something in it'
}

function expectedText(schema: TSchema & { pattern?: string; minLength?: number }): string {
  const format = schema.format as SettingFormat | undefined
  if (format) return formats[format].expected
  if (schema.pattern) return `text that matches ${schema.pattern}`
  const least = (schema.minLength ?? 1) > 1 ? `at least ${schema.minLength} ` : ''
  const most = schema.maxLength ? `of at most ${schema.maxLength} characters` : ''
  return least ? `text of ${least}characters` : `text${most ? ` ${most}` : ''}, not empty`
}

function shown(error: ValueError, path: SettingPath): string {
  const value = error.value
  const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
  // A database's URL may carry a password.
  if (!isPlain || isSecret(path) || error.schema.format === 'database-url') return ''
  return `, and is ${JSON.stringify(value).slice(0, shownCharsMax)}`
}

function isSecret(path: SettingPath): boolean {
  let schema: TSchema | undefined = settingsSchema
  for (const part of path) {
    if ((schema as (TSchema & Partial<SettingOptions>) | undefined)?.secret) return true
    schema = typeof part === 'number' ? schema?.items : schema?.properties?.[part]
  }
  return schema === undefined || (schema as TSchema & Partial<SettingOptions>).secret === true
}

/** `/resources/0/resource` as a path. */
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
