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
import { detailTypeProblems } from './authorization-detail-settings.ts'
import { frontProblems } from './front-settings.ts'
import { gatewayProblems } from './gateway-settings.ts'
import { ownPaths } from './http-settings.ts'
import { neededMembers } from './metadata-settings.ts'
import { findPreset, overlay, presetNames } from './presets.ts'
import { nearest, type SettingPath, tomlName } from './setting-names.ts'
import { problemOf } from './setting-problems.ts'
import {
  type Environment,
  fromEnvironment,
  fromToml,
  has,
  type SettingSource,
} from './setting-sources.ts'
import { completeSettings, type Settings, settingsSchema } from './settings.ts'
import { fillInHeaders, toolProblems } from './tool-problems.ts'
import { trustedIssuerProblem } from './trusted-issuer-settings.ts'

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
  return readSettings(surroundings).settings
}

export interface ReadSettings {
  readonly settings: Settings
  /** Where the value in force was said: a variable, a file, a preset; undefined for a default. */
  originOf(path: readonly string[]): string | undefined
}

/** @throws {SettingsRefused} */
export function readSettings(surroundings: SettingsSurroundings): ReadSettings {
  const environment = fromEnvironment(surroundings.env)
  const sources = [environment, ...fileSources(surroundings), presetSource(surroundings.env)]
  const given = sources
    .map((source) => source.given)
    .reduceRight((under, over) => overlay(under, over), {})
  const settings = completeSettings(given)
  const problems = [
    ...sources.flatMap((source) => source.problems),
    ...valueProblems(settings, sources),
  ]
  if (problems.length === 0) problems.push(...headerProblems(settings, surroundings.env))
  if (problems.length > 0) throw new SettingsRefused(problems)
  const originOf = (path: readonly string[]) => placeOf(sources, path)
  return { settings, originOf }
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

function presetSource({ GRANTLOG_PRESET: name }: Environment): SettingSource {
  const given = findPreset(name ?? '') ?? {}
  const nameOf = (path: SettingPath) =>
    has(given, path) ? `preset ${name}: ${tomlName(path)}` : undefined
  if (!name || Object.keys(given).length > 0) return { given, problems: [], nameOf }
  const near = nearest(name, presetNames)
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  const problem = `GRANTLOG_PRESET: no preset "${name}"; there are ${presetNames.join(', ')}${hint}`
  return { given, problems: [problem], nameOf }
}

/** Secrets of headers come in last: no message can show them. */
function headerProblems({ tools }: Settings, env: Environment): string[] {
  return fillInHeaders(tools, env).map(
    ({ path, message }) => `${tomlName(['tools', ...path])}: ${message}`,
  )
}

function placeOf(sources: readonly SettingSource[], path: SettingPath): string | undefined {
  return sources.map((source) => source.nameOf(path)).find((name) => name !== undefined)
}

function valueProblems(settings: Settings, sources: readonly SettingSource[]): string[] {
  const nameOf = (path: SettingPath) => placeOf(sources, path)
  const problems = new Map<string, string>()
  for (const error of Value.Errors(settingsSchema, settings)) {
    const problem = problemOf(error, nameOf)
    if (problem && !problems.has(problem.place)) problems.set(problem.place, problem.message)
  }
  const wrong = [...problems].map(([place, message]) => `${place}: ${message}`)
  return wrong.length > 0 ? wrong : contradictions(settings, nameOf)
}

/** How ids of ours begin that are no client's. */
const idPrefixes = ['usr', 'grt', 'iss', 'ses', 'job', 'req', 'evt', 'tok']

/** What the schema cannot say: values that are right alone and wrong together. */
function contradictions(
  settings: Settings,
  nameOf: (path: SettingPath) => string | undefined,
): string[] {
  const problems: string[] = []
  const report: Report = (path, message) =>
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
  const isByCertificate = defaultTokenEndpointAuthMethod === 'self_signed_tls_client_auth'
  if (isByCertificate && settings.mtls.certificateHeader === undefined) {
    const words = 'needs mtls.certificate_header'
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
  mtlsContradictions(settings, report)
  for (const { path, message } of frontProblems(settings)) report(path, message)
  if (!settings.approvals.channels.includes('web') && settings.bot.token === undefined) {
    report(['approvals', 'channels'], 'needs bot.token, or web among them')
  }
  endpointContradictions(settings, report)
  resourceContradictions(settings, report)
  toolContradictions(settings, { report, nameOf })
  const { authorizationDetailTypes, resources } = settings
  for (const { path, message } of detailTypeProblems(authorizationDetailTypes, resources)) {
    report(['authorizationDetailTypes', ...path], message)
  }
  apiTokenContradictions(settings, report)
  upstreamContradictions(settings, report)
  if (settings.secret !== undefined) {
    try {
      Keyring.parse(settings.secret)
    } catch (error) {
      report(['secret'], (error as Error).message)
    }
  }
  return problems
}

type Report = (path: SettingPath, message: string) => void

function mtlsContradictions(settings: Settings, report: Report): void {
  if (settings.mtls.certificateHeader !== undefined && settings.trustedProxies.length === 0) {
    report(['mtls', 'certificateHeader'], 'is believed from trusted_proxies alone; name them')
  }
  if (settings.mtls.verifiedHeader !== undefined) {
    const { certificateHeader, verifiedHeader } = settings.mtls
    if (certificateHeader === undefined) {
      report(['mtls', 'verifiedHeader'], 'needs mtls.certificate_header beside it')
    } else if (certificateHeader.toLowerCase() === verifiedHeader.toLowerCase()) {
      report(['mtls', 'verifiedHeader'], 'must be another header than mtls.certificate_header')
    }
  }
  if (settings.mtls.apiUrl !== undefined && settings.mtls.certificateHeader === undefined) {
    report(['mtls', 'apiUrl'], 'needs mtls.certificate_header beside it')
  }
}

function resourceContradictions(settings: Settings, report: Report): void {
  for (const { path, message } of gatewayProblems(settings)) report(path, message)
  for (const [index, issuer] of settings.trustedIssuers.entries()) {
    const problem = trustedIssuerProblem(issuer)
    if (problem !== undefined) report(['trustedIssuers', index], problem)
  }
  const seen = new Set<string>()
  for (const [index, resource] of settings.resources.entries()) {
    if (seen.has(resource.resource)) report(['resources', index, 'resource'], 'is there twice')
    seen.add(resource.resource)
    for (const list of ['defaultScopes', 'requiredScopes', 'clientCredentialsScopes'] as const) {
      for (const scope of resource[list]) {
        if (Object.hasOwn(resource.scopes, scope)) continue
        report(['resources', index, list], `"${scope}" is none of its scopes`)
      }
    }
    for (const table of ['whoMay', 'risk'] as const) {
      for (const scope of Object.keys(resource[table])) {
        if (Object.hasOwn(resource.scopes, scope)) continue
        report(['resources', index, table], `"${scope}" is none of its scopes`)
      }
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
}

function apiTokenContradictions({ apiTokens, bot, resources }: Settings, report: Report): void {
  if (bot.token !== undefined && !apiTokens.enabled) {
    report(['bot', 'token'], 'names a bot that gives API tokens, but `api_tokens.enabled` is false')
  }
  const { defaultLifetimeSeconds: byDefault, maxLifetimeSeconds: most } = apiTokens
  if (most > 0 && (byDefault === 0 || byDefault > most)) {
    const words = 'is less than api_tokens.default_lifetime_seconds'
    report(['apiTokens', 'maxLifetimeSeconds'], words)
  }
  if (/_[a-z]{2}$/.test(apiTokens.prefix)) {
    report(['apiTokens', 'prefix'], 'ends as another kind of token does')
  }
  const known = new Set(resources.flatMap(({ scopes }) => Object.keys(scopes)))
  for (const scope of apiTokens.scopes) {
    if (known.has(scope) || scope === 'audit:read') continue
    report(['apiTokens', 'scopes'], `"${scope}" is a scope of no resource`)
  }
}

function toolContradictions(
  settings: Settings,
  { report, nameOf }: { report: Report; nameOf: (path: SettingPath) => string | undefined },
): void {
  const isDeclared = nameOf(['tools'])?.startsWith('preset ') === false
  for (const { path, message } of toolProblems(settings, { isDeclared })) {
    report(['tools', ...path], message)
  }
}

function upstreamContradictions({ upstreams }: Settings, report: Report): void {
  for (const [index, { id, kind, clientSecret }] of upstreams.entries()) {
    if (upstreams.findIndex((other) => other.id === id) !== index) {
      report(['upstreams', index, 'id'], 'is there twice')
    }
    if ((kind === 'github' || kind === 'telegram_widget') && clientSecret === undefined) {
      report(['upstreams', index], `client_secret is missing; ${kind} needs it`)
    }
  }
}

function clientIdIn(document: string): unknown {
  try {
    return JSON.parse(document)?.client_id
  } catch {
    return undefined
  }
}

function endpointContradictions(settings: Settings, report: Report): void {
  for (const own of ownPaths.filter((path) => settings.pathPrefixes.includes(path))) {
    report(['pathPrefixes'], `"${own}" is where endpoints of the server stand`)
  }
  const { members } = settings.metadata
  const missing = neededMembers.filter((name) => !members.includes(name))
  if (members.length > 0 && missing.length > 0) {
    report(['metadata', 'members'], `must name ${missing.join(', ')} too: no client can do without`)
  }
}
