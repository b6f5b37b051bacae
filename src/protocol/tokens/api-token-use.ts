/**
 * What an API token stands for when it is presented. It may live for years, so what its owner may
 * give is asked at each use: whoever leaves a group, or a scope that is no longer offered, takes
 * it out of the token. Endpoints say that they take API tokens; where none says so, they open
 * nothing.
 *
 * @see [RFC 6750 §5.2 - Threat Mitigation](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.2)
 */
import type { ApiTokenPlace } from '../../config/api-token-settings.ts'
import type { Resource } from '../../config/resource-settings.ts'
import type { Settings } from '../../config/settings.ts'
import { sha256 } from '../../domain/keyring.ts'
import { findLiveApiToken } from '../../projections/api-tokens.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { findUser } from '../../projections/users.ts'
import { auditResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { isRestricted, scopesOfPerson } from '../who-may.ts'
import { findLastUse, type LastUse } from './last-use.ts'
import { hasApiTokenShape } from './token-text.ts'

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

export function lastUseOf(
  services: Pick<Services, 'uses'>,
  id: string,
): Promise<LastUse | undefined> {
  return findLastUse(services, { kind: 'api_token_use', id })
}

export async function forgetUse(
  { uses }: Pick<Services, 'uses'>,
  apiTokenId: string,
): Promise<void> {
  await uses.forget('api_token_use', apiTokenId)
}
