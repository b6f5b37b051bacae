/**
 * Reads what an operator said, in the environment and in `grantlog.toml`, into the settings'
 * own spelling, and remembers of each value where it was said, so that a message can name the
 * place in the operator's own words.
 */
import { KindGuard, type TSchema } from '@sinclair/typebox'
import { parse, TomlError } from 'smol-toml'
import {
  allSettings,
  environmentName,
  fitsEnvironment,
  nearest,
  type Setting,
  snakeCase,
  tomlName,
} from './setting-names.ts'
import { type GivenSettings, settingsSchema } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface SettingSource {
  readonly given: GivenSettings
  /** Names the place of a setting as this source spells it; undefined if it does not say it. */
  nameOf(path: readonly (string | number)[]): string | undefined
  readonly problems: readonly string[]
}

type Tree = { [key: string]: unknown }

/** Variables that carry our prefix and are no settings. */
const otherVariables = ['GRANTLOG_CONFIG', 'GRANTLOG_PRESET']

/** Set by Kubernetes for a service that is called grantlog, and by our own tests. */
const foreignVariable = /^GRANTLOG_(SERVICE_|PORT_\d+_|TEST_)/

export function fromEnvironment(env: Environment): SettingSource {
  const given: Tree = {}
  const problems: string[] = []
  const names = new Map<string, string>()
  const settings = new Map(allSettings().map((s) => [environmentName(s.path), s]))
  const entries: [string, string | undefined][] = [
    ['PORT', env.PORT],
    ['HOST', env.HOST],
    ...Object.entries(env).filter(([name]) => name.startsWith('GRANTLOG_')),
  ]
  for (const [name, text] of entries) {
    if (text === undefined || text === '' || isForeign(name, text)) continue
    const setting = settings.get(name.startsWith('GRANTLOG_') ? name : `GRANTLOG_${name}`)
    if (!setting) {
      if (!otherVariables.includes(name)) {
        problems.push(unknown(name, [...settings.keys(), ...otherVariables]))
      }
    } else if (fitsEnvironment(setting)) {
      put(given, setting.path, meant(setting, text))
      names.set(tomlName(setting.path), name)
    } else {
      problems.push(`${name}: can only be set in grantlog.toml`)
    }
  }
  return { given, problems, nameOf: (path) => names.get(outerName(path)) }
}

/** Reads the text of a TOML file; `file` is the name that messages call it by. */
export function fromToml(text: string, file: string): SettingSource {
  const problems: string[] = []
  let table: unknown
  try {
    table = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    // Its message quotes lines of the file, and those may hold a secret.
    const problem = error.message.split('\n')[0]
    return {
      given: {},
      problems: [`${file}: line ${error.line}, column ${error.column}: ${problem}`],
      nameOf: () => undefined,
    }
  }
  const given = renamed(table, settingsSchema, {
    path: [],
    report: (path, key, known) =>
      problems.push(unknown(`${file}: ${tomlName([...path, key])}`, known, key)),
  }) as GivenSettings
  return {
    given,
    problems,
    nameOf: (path) => (has(given, path) ? `${file}: ${tomlName(path)}` : undefined),
  }
}

interface Renaming {
  readonly path: readonly (string | number)[]
  report(path: readonly (string | number)[], key: string, known: readonly string[]): void
}

/** From snake_case to our names, as far as the schema names them; maps stay as they are. */
function renamed(value: unknown, schema: TSchema, renaming: Renaming): unknown {
  const { path } = renaming
  if (KindGuard.IsArray(schema) && Array.isArray(value)) {
    return value.map((item, index) =>
      renamed(item, schema.items, { ...renaming, path: [...path, index] }),
    )
  }
  if (!KindGuard.IsObject(schema) || !isTree(value)) return value
  const names = new Map(Object.keys(schema.properties).map((name) => [snakeCase(name), name]))
  const result: Tree = {}
  for (const [key, inner] of Object.entries(value)) {
    const name = names.get(key)
    const innerSchema = name === undefined ? undefined : schema.properties[name]
    if (name === undefined || innerSchema === undefined) {
      renaming.report(path, key, [...names.keys()])
    } else {
      result[name] = renamed(inner, innerSchema, { ...renaming, path: [...path, name] })
    }
  }
  return result
}

/** A variable is text; the schema says what it stands for. What does not fit stays text. */
function meant({ schema }: Setting, text: string): unknown {
  if (KindGuard.IsInteger(schema)) return /^-?\d{1,15}$/.test(text) ? Number(text) : text
  if (KindGuard.IsBoolean(schema)) return { true: true, false: false }[text] ?? text
  if (KindGuard.IsArray(schema)) return text.split(',').map((item) => item.trim())
  return text
}

function isForeign(name: string, text: string): boolean {
  return foreignVariable.test(name) || (name === 'GRANTLOG_PORT' && text.startsWith('tcp://'))
}

function unknown(name: string, known: readonly string[], key = name): string {
  const near = nearest(key, known)
  return `${name}: no such setting${near === undefined ? '' : `; did you mean ${near}?`}`
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) {
    tree[name] = value
    return
  }
  const inner = isTree(tree[name]) ? tree[name] : {}
  tree[name] = inner
  put(inner, rest, value)
}

export function has(value: unknown, path: readonly (string | number)[]): boolean {
  let at = value
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return false
    at = (at as Tree)[part]
  }
  return true
}

/** A list's item is named by its list: the variable holds them all. */
function outerName(path: readonly (string | number)[]): string {
  const index = path.findIndex((part) => typeof part === 'number')
  return tomlName(index === -1 ? path : path.slice(0, index))
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
