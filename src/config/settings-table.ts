/** The settings as tables for people: all of them for docs/settings.md, those in force for operators. */
import { KindGuard, type TObject, type TSchema } from '@sinclair/typebox'
import type { ReadSettings } from './load-settings.ts'
import type { SettingOptions } from './schema.ts'
import {
  allSettings,
  environmentName,
  fitsEnvironment,
  type Setting,
  tomlName,
} from './setting-names.ts'
import type { Settings } from './settings.ts'

export interface SettingInForce {
  readonly name: string
  readonly environment: string | undefined
  readonly value: string
  /** Where it was said; absent for a default. */
  readonly origin?: string
  readonly description: string
}

/** Between these docs/settings.md keeps the table; a test compares. */
export const settingsMarkers = { from: '<!-- settings -->', to: '<!-- /settings -->' } as const

/** Every setting with its default, as a table in Markdown. */
export function settingsAsMarkdown(): string {
  const rows = allSettings().flatMap((setting) => [markdownRow(setting), ...itemRows(setting)])
  return [
    '| In `grantlog.toml` | In the environment | Default | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

/** What is in force, in the order of the schema. Secret values are not shown. */
export function settingsInForce({ settings, originOf }: ReadSettings): SettingInForce[] {
  return allSettings().map((setting) => {
    const origin = originOf(setting.path)
    return {
      name: tomlName(setting.path),
      environment: fitsEnvironment(setting) ? environmentName(setting.path) : undefined,
      value: shownValue(setting, valueAt(settings, setting.path)),
      ...(origin === undefined ? {} : { origin }),
      description: setting.schema.description,
    }
  })
}

function markdownRow(setting: Setting): string {
  const environment = fitsEnvironment(setting) ? `\`${environmentName(setting.path)}\`` : '–'
  const name = `\`${tomlName(setting.path)}\``
  return `| ${name} | ${environment} | ${defaultOf(setting.schema)} | ${setting.schema.description} |`
}

/** A list of tables is told field by field. */
function itemRows({ path, schema }: Setting): string[] {
  if (!KindGuard.IsArray(schema) || !KindGuard.IsObject(schema.items)) return []
  return fieldRows(`${tomlName(path)}[]`, schema.items)
}

function fieldRows(place: string, { properties }: TObject): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const named = `${place}.${tomlName([name])}`
    if (KindGuard.IsObject(field)) return fieldRows(named, field)
    const described = field as TSchema & SettingOptions
    return `| \`${named}\` | – | ${defaultOf(described)} | ${described.description} |`
  })
}

function defaultOf(schema: TSchema & SettingOptions): string {
  if (schema.defaultText !== undefined) return schema.defaultText
  return schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``
}

function shownValue({ schema }: Setting, value: unknown): string {
  if (value === undefined) return '(not set)'
  if (schema.secret) return '(hidden)'
  if (schema.format === 'database-url') return String(value).replace(/\/\/[^/@]*@|\?.*$/g, '…')
  return typeof value === 'string' ? value : JSON.stringify(value, hidingSecretsOf(schema))
}

/** The fields of a list's tables may be secret too, and those of a table in it. */
function hidingSecretsOf(schema: TSchema) {
  const secrets = KindGuard.IsArray(schema) ? secretFields(schema.items) : []
  return (name: string, value: unknown) => (secrets.includes(name) ? '(hidden)' : value)
}

function secretFields(schema: TSchema): string[] {
  if (!KindGuard.IsObject(schema)) return []
  return Object.entries(schema.properties).flatMap(([name, field]) =>
    (field as Partial<SettingOptions>).secret ? [name] : secretFields(field),
  )
}

function valueAt(settings: Settings, path: readonly string[]): unknown {
  let at: unknown = settings
  for (const part of path) at = (at as Record<string, unknown> | undefined)?.[part]
  return at
}
