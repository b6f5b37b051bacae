/**
 * The settings in force: environment over `grantlog.toml` over preset over defaults. Everything
 * that is wrong is said at once, each in the words of the place where it was said:
 *
 *   GRANTLOG_PORT: must be a whole number from 0 to 65535, and is "http"
 *   grantlog.toml: resources[0].resource: must be an absolute URI without a fragment, and is "api"
 */

import { isAbsolute, join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { Keyring } from '../domain/keyring.ts'
import { presets } from './presets.ts'
import { problemOf } from './setting-problems.ts'
import {
  type Environment,
  fromEnvironment,
  fromToml,
  isTree,
  type SettingSource,
} from './setting-sources.ts'
import { completeSettings, type GivenSettings, type Settings, settingsSchema } from './settings.ts'

export interface SettingsSurroundings {
  readonly env: Environment
  /** The text of a file, or undefined if there is none. */
  readFile(path: string): string | undefined
  readonly cwd: string
}

/** What an operator said cannot be used; every problem is one line. */
export class SettingsRefused extends Error {
  override name = 'SettingsRefused'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`Cannot use the settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** @throws {SettingsRefused} */
export function loadSettings(surroundings: SettingsSurroundings): Settings {
  const environment = fromEnvironment(surroundings.env)
  const sources = [environment, ...fileSources(surroundings)]
  const { preset, problems: presetProblems } = presetOf(surroundings.env)
  const said: GivenSettings[] = [...sources.map((source) => source.given), preset]
  const given = said.reduceRight((under, over) => overlay(under, over), {})
  const settings = completeSettings(given)
  const problems = [
    ...presetProblems,
    ...sources.flatMap((source) => source.problems),
    ...valueProblems(settings, sources),
  ]
  if (problems.length > 0) throw new SettingsRefused(problems)
  return settings
}

function fileSources({ env, readFile, cwd }: SettingsSurroundings): SettingSource[] {
  const chosen = env.GRANTLOG_CONFIG
  const file = chosen || 'grantlog.toml'
  const text = readFile(isAbsolute(file) ? file : join(cwd, file))
  if (text !== undefined) return [fromToml(text, file)]
  if (!chosen) return []
  const problem = `GRANTLOG_CONFIG: Cannot read "${file}": there is no such file`
  return [{ given: {}, problems: [problem], nameOf: () => undefined }]
}

function presetOf(env: Environment): { preset: GivenSettings; problems: string[] } {
  const name = env.GRANTLOG_PRESET
  const preset = presets.get(name ?? '')
  if (!name || preset) return { preset: preset ?? {}, problems: [] }
  const known = presets.size === 0 ? 'there are none yet' : `known are ${[...presets.keys()]}`
  return { preset: {}, problems: [`GRANTLOG_PRESET: no preset "${name}"; ${known}`] }
}

/** Groups are merged, those inside them too; everything else is replaced as a whole. */
function overlay<T extends object>(under: T, over: T): T {
  const result: { [name: string]: unknown } = { ...(under as object) }
  for (const [name, value] of Object.entries(over)) {
    const below = result[name]
    result[name] = isTree(value) && isTree(below) ? overlay(below, value) : value
  }
  return result as T
}

function valueProblems(settings: Settings, sources: readonly SettingSource[]): string[] {
  const nameOf = (path: readonly (string | number)[]) =>
    sources.map((source) => source.nameOf(path)).find((name) => name !== undefined)
  const problems = new Map<string, string>()
  for (const error of Value.Errors(settingsSchema, settings)) {
    const problem = problemOf(error, nameOf)
    if (problem && !problems.has(problem.place)) problems.set(problem.place, problem.message)
  }
  const wrong = [...problems].map(([place, message]) => `${place}: ${message}`)
  return wrong.length > 0 ? wrong : contradictions(settings, nameOf)
}

/** How ids of ours begin that are no client's. */
const idPrefixes = ['usr', 'grt', 'iss', 'ses', 'job', 'req', 'evt']

/** What the schema cannot say: values that are right alone and wrong together. */
function contradictions(
  settings: Settings,
  nameOf: (path: readonly (string | number)[]) => string | undefined,
): string[] {
  const problems: string[] = []
  const report = (path: readonly (string | number)[], message: string) =>
    problems.push(`${nameOf(path) ?? nameOf(path.slice(0, 1)) ?? path[0]}: ${message}`)
  if (settings.adminEmail !== undefined && settings.adminPassword === undefined) {
    report(['adminEmail'], 'needs GRANTLOG_ADMIN_PASSWORD beside it')
  }
  if (settings.adminPassword !== undefined && settings.adminEmail === undefined) {
    report(['adminPassword'], 'needs GRANTLOG_ADMIN_EMAIL beside it')
  }
  const { tokenEndpointAuthMethods, defaultTokenEndpointAuthMethod } = settings.registration
  if (!tokenEndpointAuthMethods.includes(defaultTokenEndpointAuthMethod)) {
    const words = 'is not among registration.token_endpoint_auth_methods'
    report(['registration', 'defaultTokenEndpointAuthMethod'], words)
  }
  if (settings.keys.publishAheadSeconds >= settings.keys.rotateAfterSeconds) {
    report(['keys', 'publishAheadSeconds'], 'must be less than keys.rotate_after_seconds')
  }
  for (const [index, { url, document }] of settings.clientIdDocuments.pinned.entries()) {
    if (clientIdIn(document) === url) continue
    const words = 'must be a JSON object whose client_id is the url beside it'
    report(['clientIdDocuments', 'pinned', index, 'document'], words)
  }
  for (const needed of ['authorization_code', 'refresh_token'] as const) {
    if (!settings.grantTypes.includes(needed)) report(['grantTypes'], `must have "${needed}"`)
  }
  if (idPrefixes.includes(settings.clientIdPrefix)) {
    report(['clientIdPrefix'], 'is how other ids begin; a client must not look like a person')
  }
  const seen = new Set<string>()
  for (const [index, configured] of settings.resources.entries()) {
    const { resource, scopes, defaultScopes, clientCredentialsScopes, whoMay } = configured
    if (seen.has(resource)) report(['resources', index, 'resource'], 'is there twice')
    seen.add(resource)
    for (const scope of defaultScopes) {
      if (Object.hasOwn(scopes, scope)) continue
      report(['resources', index, 'defaultScopes'], `"${scope}" is none of its scopes`)
    }
    for (const scope of clientCredentialsScopes) {
      if (Object.hasOwn(scopes, scope)) continue
      report(['resources', index, 'clientCredentialsScopes'], `"${scope}" is none of its scopes`)
    }
    for (const scope of Object.keys(whoMay)) {
      if (Object.hasOwn(scopes, scope)) continue
      report(['resources', index, 'whoMay'], `"${scope}" is none of its scopes`)
    }
  }
  for (const [index, route] of settings.verify.entries()) {
    const resource = settings.resources.find(({ resource }) => resource === route.resource)
    if (!resource) report(['verify', index, 'resource'], 'is none of the resources')
    for (const scope of route.scopes) {
      if (!resource || Object.hasOwn(resource.scopes, scope)) continue
      report(['verify', index, 'scopes'], `"${scope}" is none of its resource's scopes`)
    }
  }
  if (settings.secret !== undefined) {
    try {
      Keyring.parse(settings.secret)
    } catch (error) {
      report(['secret'], (error as Error).message)
    }
  }
  return problems
}

function clientIdIn(document: string): unknown {
  try {
    return JSON.parse(document)?.client_id
  } catch {
    return undefined
  }
}
