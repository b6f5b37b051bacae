/**
 * What an API token stands for when it is presented. It may live for years, so what its owner may
 * give is asked at each use: whoever leaves a group, or a scope that is no longer offered, takes
 * it out of the token. Endpoints say that they take API tokens; where none says so, they open
 * nothing.
 *
 * @see [RFC 6750 §5.2 - Threat Mitigation](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.2)
 */
import { LRUCache } from 'lru-cache'
import type { ApiTokenPlace } from '../../config/api-token-settings.ts'
import type { Resource } from '../../config/resource-settings.ts'
import type { Settings } from '../../config/settings.ts'
import type { Expiring } from '../../domain/expiring.ts'
import { sha256 } from '../../domain/keyring.ts'
import { findLiveApiToken } from '../../projections/api-tokens.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { findUser } from '../../projections/users.ts'
import { networkOf } from '../request-context.ts'
import { auditResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { isRestricted, scopesOfPerson } from '../who-may.ts'
import { hasApiTokenShape } from './token-text.ts'

const useKind = 'api_token_use'
const usesKeptMs = 400 * 24 * 60 * 60 * 1000
/** What happens in between is the same use: a busy token does not write at each request. */
const useMs = 10 * 60 * 1000
const tokensMax = 10_000

/** When each token was last written down, by the store that it was written to. */
const written = new WeakMap<Expiring, LRUCache<string, number>>()

/** @param place where it is presented; any that is open to API tokens unless told */
export async function findApiToken(
  services: Services,
  value: string,
  place?: ApiTokenPlace,
): Promise<LiveToken | undefined> {
  const { settings, reader, now } = services
  const { enabled, acceptedOn } = settings.apiTokens
  const isOpen = place === undefined ? acceptedOn.length > 0 : acceptedOn.includes(place)
  if (!enabled || !isOpen || !hasApiTokenShape(value)) return undefined
  const token = await findLiveApiToken(reader, { tokenHash: sha256(value), now: now() })
  const resource =
    token && resourcesForApiTokens(settings).find((r) => r.resource === token.resource)
  if (!resource) return undefined
  const scopes = await scopesLeft(services, token, resource)
  return scopes.length === 0 ? undefined : { ...token, scopes }
}

/** The resources that an API token may be for; never the one that looks after API tokens. */
export function resourcesForApiTokens(settings: Settings): Resource[] {
  const all = settings.auditByToken
    ? [...settings.resources, auditResource(settings)]
    : settings.resources
  return all.filter((resource) => scopesForApiTokens(settings, resource).length > 0)
}

/** The scopes that a token for this resource may have, whoever makes it. */
export function scopesForApiTokens({ apiTokens }: Settings, { scopes }: Resource): string[] {
  const offered = Object.keys(scopes)
  return apiTokens.scopes.length === 0
    ? offered
    : offered.filter((scope) => apiTokens.scopes.includes(scope))
}

/** Those of them that this person may give away. */
export async function scopesGivenBy(
  { settings, reader }: Pick<Services, 'settings' | 'reader'>,
  userId: string,
  resource: Resource,
): Promise<string[]> {
  const scopes = scopesForApiTokens(settings, resource)
  if (!isRestricted(resource, scopes)) return scopes
  return scopesOfPerson(resource, scopes, await findUser(reader, userId))
}

async function scopesLeft(
  services: Services,
  { userId = '', scopes }: LiveToken,
  resource: Resource,
): Promise<string[]> {
  const given = await scopesGivenBy(services, userId, resource)
  return scopes.filter((scope) => given.includes(scope))
}

export interface ApiTokenUse {
  readonly at: number
  /** The network that it came from; absent where a resource server asked about it. */
  readonly from?: string
}

/**
 * Remembers that it was used, for its owner to see; not in the log, and no finer than ten minutes
 * and a network. Whoever presents it does not wait longer when that fails.
 */
export async function noteUse(
  { expiring, logger, now }: Services,
  apiTokenId: string,
  address = '',
): Promise<void> {
  const uses = written.get(expiring) ?? new LRUCache<string, number>({ max: tokensMax })
  written.set(expiring, uses)
  const at = now()
  if (at - (uses.get(apiTokenId) ?? Number.NEGATIVE_INFINITY) < useMs) return
  uses.set(apiTokenId, at)
  const body: ApiTokenUse = address === '' ? { at } : { at, from: networkOf(address) }
  try {
    await expiring.put({ kind: useKind, id: apiTokenId, body, expiresAt: at + usesKeptMs })
  } catch (error) {
    uses.delete(apiTokenId)
    logger.warn({ apiTokenId, cause: String(error) }, 'the use of an API token was not noted')
  }
}

export async function lastUseOf(
  { expiring }: Pick<Services, 'expiring'>,
  apiTokenId: string,
): Promise<ApiTokenUse | undefined> {
  return (await expiring.get(useKind, apiTokenId)) as ApiTokenUse | undefined
}

export async function forgetUse(
  { expiring }: Pick<Services, 'expiring'>,
  apiTokenId: string,
): Promise<void> {
  await expiring.remove(useKind, apiTokenId)
}
