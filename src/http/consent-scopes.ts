/**
 * The scopes of an offer between what is asked for and what a person reads and ticks. Where an
 * operator lets people choose, whatever is not required may be left out; what was allowed before
 * stays, for that is taken back elsewhere.
 *
 * @see [RFC 6749 §3.3 - Access Token Scope](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.3)
 */
import type { Resource } from '../config/resource-settings.ts'
import type { Settings } from '../config/settings.ts'
import { type Access, breadth } from '../domain/access.ts'
import {
  type AuthorizationDetail,
  detailsAt,
} from '../protocol/authorization/authorization-details.ts'
import type { AuthorizationRequest } from '../protocol/authorization/authorization-request.ts'
import type { Offer } from '../protocol/authorization/offer.ts'
import { describeScope, findResource, isIdentityScope } from '../protocol/resources.ts'
import { scopesForClaims } from '../protocol/tokens/person-claims.ts'
import type { ConsentResource } from '../web/abilities.tsx'

type Asked = Pick<AuthorizationRequest, 'claims'>
type Offered = Pick<Offer, 'access' | 'already'>

interface Shown {
  readonly resource: Resource
  readonly shown: ConsentResource
}

/** Undefined when a resource is not served any more. */
export function shownResources(
  settings: Settings,
  offer: Offered,
  asked: Asked | undefined,
): Shown[] | undefined {
  const { access, already } = offer
  const claimed = asked ? scopesForClaims(asked.claims) : []
  const known = access.flatMap(({ resource: identifier, scopes }, index) => {
    const resource = findResource(settings, identifier)
    if (!resource) return []
    const before = scopesAt(already, identifier)
    // Who the person is, is told once however many resources there are.
    const told =
      index === 0
        ? [...new Set([...scopes, ...claimed])]
        : scopes.filter((scope) => !isIdentityScope(scope))
    const isOptional = asked && optional(settings, offer, { resource, claimed })
    const shown = {
      name: resource.name,
      identifier,
      scopes: told.map((scope) => ({
        scope,
        description: describeScope(resource, scope),
        already: before.includes(scope),
        isRisky: resource.risk[scope] === 'high',
        ...(isOptional?.(scope) ? { tick: tickOf(scope, identifier) } : {}),
      })),
    }
    return [{ resource, shown }]
  })
  return known.length === access.length ? known : undefined
}

/** No scope has a space in it. */
function tickOf(scope: string, resource: string): string {
  return `${scope} ${resource}`
}

function scopesAt(access: readonly Access[], resource: string): readonly string[] {
  return access.find((a) => a.resource === resource)?.scopes ?? []
}

/** Which scopes at a resource a person may leave out. */
function optional(
  { consent }: Settings,
  { access, already }: Offered,
  { resource, claimed }: { resource: Resource; claimed: readonly string[] },
): (scope: string) => boolean {
  const isChoice = consent.scopes === 'choice' && breadth(access) > 1
  const fixed = [...resource.requiredScopes, ...claimed, ...scopesAt(already, resource.resource)]
  return (scope) => isChoice && scope !== 'openid' && !fixed.includes(scope)
}

/** What the person ticked of it; undefined when nothing is left, and so nothing was answered. */
export function chosenOffer(
  settings: Settings,
  offer: Offer,
  { form, asked }: { form: URLSearchParams; asked: Asked },
): Offer | undefined {
  const ticked = form.getAll('give')
  const claimed = scopesForClaims(asked.claims)
  const first = offer.access[0]?.resource ?? ''
  const access = offer.access.flatMap(({ resource: identifier, scopes }) => {
    const resource = findResource(settings, identifier)
    if (!resource) return []
    const isOptional = optional(settings, offer, { resource, claimed })
    const kept = scopes.filter((scope) => {
      const isToldOnce = isIdentityScope(scope) && scopesAt(offer.access, first).includes(scope)
      return !isOptional(scope) || ticked.includes(tickOf(scope, isToldOnce ? first : identifier))
    })
    return kept.length > 0 ? [{ resource: identifier, scopes: kept }] : []
  })
  if (breadth(access) === breadth(offer.access)) return offer
  return access.length === 0 ? undefined : { ...offer, access }
}

/** The details for which there is a resource among what was given. */
export function detailsGiven(
  settings: Settings,
  details: readonly AuthorizationDetail[],
  { access }: Pick<Offer, 'access'>,
): AuthorizationDetail[] {
  return details.filter((detail) =>
    access.some(({ resource }) => detailsAt(settings, [detail], resource).length > 0),
  )
}
