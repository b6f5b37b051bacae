/**
 * Which resource a token is for, and which scopes it offers.
 *
 * @see [RFC 8707 §2 - Resource Parameter](https://www.rfc-editor.org/rfc/rfc8707.html#section-2)
 */
import type { Resource } from '../config/resource-settings.ts'
import type { Settings } from '../config/settings.ts'
import { OAuthError } from './oauth-error.ts'

/** Scopes of the person rather than of a resource (OpenID Connect Core §5.4). */
export const identityScopes: Readonly<Record<string, string>> = {
  openid: 'Know that it is you',
  profile: 'See your name',
  email: 'See your e-mail address',
  permissions: 'See what you are allowed to do',
}

export function isIdentityScope(scope: string): boolean {
  return Object.hasOwn(identityScopes, scope)
}

/** Every scope that anybody may be granted here, each once. */
export function scopesOffered(settings: Settings): string[] {
  const ofResources = settings.resources.flatMap(({ scopes }) => Object.keys(scopes))
  const ours = ownResources(settings).flatMap(({ scopes }) => Object.keys(scopes))
  return [...new Set([...ofResources, ...settings.identityScopes, ...ours])]
}

export const auditScope = 'audit:read'
const auditDescription = 'Read the audit history of this server'

export const tokensScope = 'tokens:manage'
const tokensDescription = 'Create, see and revoke API tokens that act for you'

export const appsScope = 'apps:manage'
const appsDescription = 'See what you have connected, and narrow or revoke it'

export const workScope = 'jobs:work'
const workDescription = 'Carry out the jobs that people’s agents have started'

/** Where an operator's own workers get what there is to do; no person can give this. */
export function jobsResource(settings: Settings): Resource {
  const identity = { resource: `${settings.apiUrl}/api/jobs`, name: `${settings.brand} jobs` }
  return ownResource(settings, identity, { [workScope]: workDescription })
}

/** The server's own audit, offered to administrators beside what is configured. */
export function auditResource(settings: Settings): Resource {
  const identity = { resource: `${settings.apiUrl}/audit`, name: `${settings.brand} audit` }
  return ownResource(settings, identity, { [auditScope]: auditDescription })
}

/** Where a person's client looks after that person's API tokens. */
export function tokensResource(settings: Settings): Resource {
  const identity = {
    resource: `${settings.apiUrl}/api/tokens`,
    name: `${settings.brand} API tokens`,
  }
  return ownResource(settings, identity, { [tokensScope]: tokensDescription })
}

/** Where a person's client looks after what other clients were given. */
export function connectedAppsResource(settings: Settings): Resource {
  const identity = {
    resource: `${settings.apiUrl}/api/connected-apps`,
    name: `${settings.brand} connected apps`,
  }
  return ownResource(settings, identity, { [appsScope]: appsDescription })
}

function ownResource(
  settings: Settings,
  identity: Pick<Resource, 'resource' | 'name'>,
  scopes: Resource['scopes'],
): Resource {
  return {
    ...identity,
    accessTokenFormat: 'opaque',
    accessTokenSigningAlg: 'ES256',
    dpopRequired: false,
    accessTokenTtlSeconds: settings.accessTokenTtlSeconds,
    refreshTokenTtlSeconds: settings.refreshTokenTtlSeconds,
    defaultScopes: Object.keys(scopes),
    allowedUsers: [],
    allowedDomains: [],
    allowedGroups: [],
    whoMay: {},
    introspectionClients: [],
    clientCredentialsScopes: [],
    requiredScopes: [],
    acrValues: [],
    maxAgeSeconds: 0,
    risk: {},
    scopes,
  }
}

interface Offered {
  readonly all: readonly Resource[]
  /** By identifier, in its comparable form and as it is written. */
  readonly byIdentifier: ReadonlyMap<string, Resource>
}

/** Settings do not change while a server runs. */
const offered = new WeakMap<Settings, Offered>()

function offeredBy(settings: Settings): Offered {
  const known = offered.get(settings)
  if (known) return known
  const all = [...settings.resources, ...ownResources(settings)]
  const byIdentifier = new Map<string, Resource>()
  for (const resource of all) {
    for (const name of [comparable(resource.resource), resource.resource]) {
      if (!byIdentifier.has(name)) byIdentifier.set(name, resource)
    }
  }
  const made = { all, byIdentifier }
  offered.set(settings, made)
  return made
}

export function allResources(settings: Settings): readonly Resource[] {
  return offeredBy(settings).all
}

/** What this server offers beside what is configured. */
function ownResources(settings: Settings): Resource[] {
  const { enabled, manageByToken } = settings.apiTokens
  return [
    ...(settings.auditByToken ? [auditResource(settings)] : []),
    ...(enabled && manageByToken ? [tokensResource(settings)] : []),
    ...(settings.connectedAppsByToken ? [connectedAppsResource(settings)] : []),
    ...(settings.jobs.workByToken ? [jobsResource(settings)] : []),
  ]
}

/** Compares as RFC 3986 §6.2.2.1 does: scheme and host without case; a bare `/` path is no path. */
function comparable(identifier: string): string {
  try {
    const url = new URL(identifier)
    return url.href.endsWith('/') && url.pathname === '/' ? url.href.slice(0, -1) : url.href
  } catch {
    return identifier
  }
}

export function findResource(settings: Settings, identifier: string): Resource | undefined {
  const { byIdentifier } = offeredBy(settings)
  return byIdentifier.get(identifier) ?? byIdentifier.get(comparable(identifier))
}

/**
 * The resources that a request means, in its order. Without the parameter it is the first that
 * offers every scope asked for, of those that any offers; so the single configured one is always
 * found.
 * @throws {OAuthError} invalid_target
 */
export function resourcesOf(
  settings: Settings,
  asked: { resources: readonly string[]; scopes: readonly string[] },
): Resource[] {
  if (asked.resources.length === 0) return [implied(settings, asked.scopes)]
  const found = asked.resources.map((identifier) => findResource(settings, identifier))
  const known = found.filter((resource) => resource !== undefined)
  if (known.length < found.length) {
    throw new OAuthError('invalid_target', 'The resource is not known here')
  }
  return known.filter((r, index) => known.findIndex((k) => k.resource === r.resource) === index)
}

/**
 * The one resource that a token is asked for.
 * @throws {OAuthError} invalid_target
 */
export function oneResourceOf(
  settings: Settings,
  asked: { resources: readonly string[]; scopes: readonly string[] },
): Resource {
  const [resource, ...more] = resourcesOf(settings, asked)
  if (resource && more.length === 0) return resource
  throw new OAuthError('invalid_target', 'An access token is for one resource; ask for each')
}

function implied(settings: Settings, scopes: readonly string[]): Resource {
  const all = allResources(settings)
  const known = scopes.filter((scope) =>
    all.some((r) => isOffered({ settings, resource: r }, scope)),
  )
  const offersAll = (r: Resource) =>
    known.every((scope) => isOffered({ settings, resource: r }, scope))
  const found = all.find(offersAll) ?? settings.resources[0]
  if (!found) throw new OAuthError('invalid_target', 'No resource is configured')
  return found
}

interface Offer {
  readonly settings: Settings
  readonly resource: Resource
}

export function isOffered({ settings, resource }: Offer, scope: string): boolean {
  if (Object.hasOwn(resource.scopes, scope)) return true
  return settings.identityScopes.some((offered) => offered === scope)
}

/**
 * The scopes that a request can get: unknown ones are dropped (RFC 6749 §3.3 lets a server do so,
 * and clients that ask for `offline_access` or for another server's scopes must not fail on it).
 * @throws {OAuthError} invalid_scope when nothing is left, or one that is required is missing
 */
export function scopesFor(offer: Offer, asked: readonly string[]): string[] {
  const { defaultScopes, requiredScopes } = offer.resource
  const scopes = asked.length > 0 ? asked : defaultScopes
  const offered = scopes.filter((scope) => isOffered(offer, scope))
  if (offered.length === 0) {
    throw new OAuthError('invalid_scope', 'None of the scopes is offered by this resource')
  }
  const missing = requiredScopes.filter((scope) => !offered.includes(scope))
  if (missing.length > 0) {
    throw new OAuthError('invalid_scope', `The scope must name ${missing.join(' ')}`)
  }
  return offered
}

/**
 * An operator may want unknown scopes refused where they would be dropped.
 * @throws {OAuthError} invalid_scope
 */
export function requireKnownScopes(
  settings: Settings,
  asked: { resources: readonly Resource[]; scopes: readonly string[] },
): void {
  if (settings.unknownScope === 'drop') return
  const isKnown = (scope: string) =>
    asked.resources.some((resource) => isOffered({ settings, resource }, scope))
  if (asked.scopes.every(isKnown)) return
  throw new OAuthError('invalid_scope', 'The scope names one that is not offered here')
}

export function describeScope(resource: Resource, scope: string): string {
  return resource.scopes[scope] ?? identityScopes[scope] ?? scope
}

/** Where the RFC 9728 metadata of a resource stands: the well-known path goes before its own. */
export function resourceMetadataUrl(resource: Resource): string {
  const url = new URL(resource.resource)
  const path = url.pathname === '/' ? '' : url.pathname
  return `${url.origin}/.well-known/oauth-protected-resource${path}`
}
