/** What a consent is about, in words: for our own page, and for the page of a front. */
import type { Settings } from '../config/settings.ts'
import type { AuthorizationRequest } from '../protocol/authorization/authorization-request.ts'
import type { Offer } from '../protocol/authorization/offer.ts'
import type { KnownClient } from '../protocol/clients/known-client.ts'
import { isLoopback, matchesRegistered } from '../protocol/clients/redirect-uri.ts'
import { describeScope, findResource, isIdentityScope } from '../protocol/resources.ts'
import { scopesForClaims } from '../protocol/tokens/person-claims.ts'
import { redirectHostOf } from '../web/safe-href.ts'
import { shownDetails } from './consent-details.ts'

interface Shown {
  readonly asked: AuthorizationRequest
  readonly client: KnownClient
  readonly offer: Offer
}

/** Undefined when a resource is not served any more. */
export function consentView(settings: Settings, { asked, client, offer }: Shown) {
  const resources = shownResources(settings, offer, { claimed: scopesForClaims(asked.claims) })
  if (!resources) return undefined
  const { metadata, registeredVia, registeredAt } = client
  return {
    client: {
      name: metadata.clientName,
      uri: metadata.clientUri,
      registeredVia,
      ...(registeredVia === 'document'
        ? { host: new URL(client.clientId).host }
        : { registeredAt }),
    },
    redirectHost: redirectHostOf(asked.redirectUri),
    loopbackOnly:
      metadata.redirectUris.every(isLoopback) ||
      // A pattern let it in: the client itself never said that it runs here.
      (isLoopback(asked.redirectUri) &&
        !matchesRegistered(asked.redirectUri, metadata.redirectUris)),
    resources: resources.map(({ shown }) => shown),
    details: shownDetails(settings, offer),
    accessTtlSeconds: longest(resources.map(({ resource }) => resource.accessTokenTtlSeconds)),
    refreshTtlSeconds: longest(resources.map(({ resource }) => resource.refreshTokenTtlSeconds)),
  }
}

function shownResources(
  settings: Settings,
  { access, already }: Offer,
  { claimed }: { claimed: readonly string[] },
) {
  const known = access.flatMap(({ resource: identifier, scopes }, index) => {
    const resource = findResource(settings, identifier)
    if (!resource) return []
    const before = already.find((a) => a.resource === identifier)?.scopes ?? []
    // Who the person is, is told once however many resources there are.
    const told =
      index === 0
        ? [...new Set([...scopes, ...claimed])]
        : scopes.filter((scope) => !isIdentityScope(scope))
    const shown = {
      name: resource.name,
      identifier,
      scopes: told.map((scope) => ({
        scope,
        description: describeScope(resource, scope),
        already: before.includes(scope),
      })),
    }
    return [{ resource, shown }]
  })
  return known.length === access.length ? known : undefined
}

function longest(seconds: readonly number[]): number {
  return Math.max(0, ...seconds)
}
