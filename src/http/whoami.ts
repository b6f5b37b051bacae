/**
 * Whose the token of a request is and what it is good for: what a command line asks first. It
 * tells nothing of the person that the token does not say itself.
 *
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)
 */
import { Elysia } from 'elysia'
import type { Resource } from '../config/resource-settings.ts'
import { findApiToken } from '../projections/api-tokens.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import { presentedBy } from '../protocol/presented.ts'
import { allResources } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { requireToken } from '../protocol/tokens/bearer.ts'
import { subjectForResource } from '../protocol/tokens/subject.ts'
import { jsonResponse } from './errors.ts'

export function whoami(services: Services) {
  return new Elysia({ name: 'whoami' }).get('/api/whoami', async ({ request }) => {
    const { settings } = services
    const resources = allResources(settings) as [Resource, ...Resource[]]
    const presented = presentedBy(settings, request)
    const token = await requireToken(services, presented, { resources, apiTokensAs: 'rest' })
    return jsonResponse({
      sub: await subjectForResource(services, token),
      resource: token.resource,
      scopes: token.scopes,
      ...(await holderOf(services, token)),
      expires_at: Number.isFinite(token.expiresAt) ? new Date(token.expiresAt).toISOString() : null,
    })
  })
}

/** The client, or which API token it is. */
async function holderOf({ reader }: Services, { apiTokenId, clientId }: LiveToken) {
  if (apiTokenId === undefined) return { client_id: clientId }
  const row = await findApiToken(reader, apiTokenId)
  return { api_token: { id: apiTokenId, name: row?.name ?? '', last_four: row?.lastFour ?? '' } }
}
