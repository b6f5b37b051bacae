/** What a consent is about, in words: for our own page, and for the page of a front. */
import type { Settings } from '../config/settings.ts'
import type { AuthorizationRequest } from '../protocol/authorization/authorization-request.ts'
import type { OptionsOf } from '../protocol/authorization/choice-options.ts'
import type { Offer } from '../protocol/authorization/offer.ts'
import type { KnownClient } from '../protocol/clients/known-client.ts'
import { isLoopback, matchesRegistered } from '../protocol/clients/redirect-uri.ts'
import { redirectHostOf } from '../web/safe-href.ts'
import { shownDetails } from './consent-details.ts'
import { shownResources } from './consent-scopes.ts'

interface Shown {
  readonly asked: AuthorizationRequest
  readonly client: KnownClient
  readonly offer: Offer
  readonly optionsOf: OptionsOf
}

/** Undefined when a resource is not served any more. */
export function consentView(settings: Settings, { asked, client, offer, optionsOf }: Shown) {
  const resources = shownResources(settings, offer, asked)
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
    details: shownDetails(settings, offer, optionsOf),
    accessTtlSeconds: longest(resources.map(({ resource }) => resource.accessTokenTtlSeconds)),
    refreshTtlSeconds: longest(resources.map(({ resource }) => resource.refreshTokenTtlSeconds)),
  }
}

function longest(seconds: readonly number[]): number {
  return Math.max(0, ...seconds)
}
