/**
 * A person's API tokens for that person's own client: by an access token of scope `tokens:manage`,
 * which says that the person wants it so. An API token opens nothing here, and neither does a
 * token with which somebody acts for the person: neither may outlive itself.
 *
 * @see [RFC 6750 §3.1 - Error Codes](https://www.rfc-editor.org/rfc/rfc6750.html#section-3.1)
 */
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { Elysia, NotFoundError } from 'elysia'
import { tellOfLeaks } from '../identity/api-token-letters.ts'
import type { ApiToken } from '../projections/api-tokens.ts'
import type { OAuthErrorCode, OAuthErrorDetail } from '../protocol/oauth-error.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import { findResource, tokensResource, tokensScope } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { lastUseOf, resourcesForApiTokens } from '../protocol/tokens/api-token-use.ts'
import {
  type ApiTokenCause,
  type ApiTokenProblem,
  createApiToken,
  findOwn,
  listApiTokens,
  regenerateApiToken,
  revokeApiToken,
} from '../protocol/tokens/api-tokens.ts'
import { type PersonToken, requirePerson, requireToken } from '../protocol/tokens/bearer.ts'
import { requireSignedReport } from '../protocol/tokens/leak-report-signature.ts'
import { endLeakedTokens } from '../protocol/tokens/leaked-api-tokens.ts'
import { showApiToken } from '../protocol/tokens/show-api-token.ts'
import { parseJson, readJson, readJsonText } from './body.ts'
import { jsonResponse } from './errors.ts'

const raw = { parse: 'none' } as const
const lifetime = Type.Optional(Type.Integer({ minimum: 0 }))

const wishSchema = Type.Object({
  name: Type.String(),
  description: Type.Optional(Type.String()),
  /** The first that API tokens may be for unless told. */
  resource: Type.Optional(Type.String()),
  scopes: Type.Array(Type.String(), { maxItems: 100 }),
  /** 0 for no end. */
  expires_in: lifetime,
})

const regenerationSchema = Type.Object({
  overlap_seconds: Type.Optional(Type.Integer({ minimum: 0 })),
  expires_in: lifetime,
})

export function apiTokens(services: Services) {
  return new Elysia({ name: 'api-tokens' })
    .get('/api/tokens', ({ request }) => list(services, request))
    .post('/api/tokens', ({ request }) => create(services, request), raw)
    .post('/api/tokens/leaked', ({ request }) => report(services, request), raw)
    .post(
      '/api/tokens/:id/regenerate',
      ({ request, params: { id } }) => regenerate(services, request, id),
      raw,
    )
    .get('/api/tokens/:id', ({ request, params: { id } }) => show(services, request, id))
    .delete('/api/tokens/:id', ({ request, params: { id } }) => revoke(services, request, id), raw)
}

/** @throws {OAuthError} 401 with a challenge, or 403 */
async function requireOwner(services: Services, request: Request): Promise<PersonToken> {
  const { settings } = services
  const resource = findResource(settings, tokensResource(settings).resource)
  if (!resource) throw new NotFoundError()
  const needed = { resources: [resource], scopes: [tokensScope] } as const
  const token = requirePerson(await requireToken(services, presentedBy(settings, request), needed))
  if (token.actors.length === 0) return token
  throw new OAuthError('access_denied', 'Whoever acts for a person makes no tokens of theirs')
}

async function list(services: Services, request: Request): Promise<Response> {
  const { userId } = await requireOwner(services, request)
  const rows = await listApiTokens(services, userId)
  return jsonResponse({ tokens: await Promise.all(rows.map((row) => shown(services, row))) })
}

/** With its text where the operator lets people see that again. */
async function show(services: Services, request: Request, id: string): Promise<Response> {
  const owner = await requireOwner(services, request)
  const row = await findOwn(services, { apiTokenId: id, userId: owner.userId })
  if (!row) throw refusal('token_unknown')
  const token = await showApiToken(services, row, causeOf(owner, request))
  const body = await shown(services, row)
  return jsonResponse(token === undefined ? body : { ...body, token })
}

async function create(services: Services, request: Request): Promise<Response> {
  const owner = await requireOwner(services, request)
  const { userId } = owner
  const body = await readJson(request, services.settings.limits.bodyBytesMax)
  if (!Value.Check(wishSchema, body)) throw malformed()
  const [first] = resourcesForApiTokens(services.settings)
  const { name, description = '', scopes, expires_in: lifetimeSeconds } = body
  const resource = body.resource ?? first?.resource ?? ''
  const wish = { userId, name, description, resource, scopes, lifetimeSeconds }
  const made = await createApiToken(services, wish, causeOf(owner, request))
  if (made.outcome === 'refused') throw refusal(made.reason)
  return withText(services, { ...made, userId }, 201)
}

async function regenerate(services: Services, request: Request, id: string): Promise<Response> {
  const owner = await requireOwner(services, request)
  const { userId } = owner
  const body = await readJson(request, services.settings.limits.bodyBytesMax)
  if (!Value.Check(regenerationSchema, body)) throw malformed()
  const { overlap_seconds: overlapSeconds = 0, expires_in: lifetimeSeconds } = body
  const asked = { apiTokenId: id, userId, overlapSeconds, lifetimeSeconds }
  const made = await regenerateApiToken(services, asked, causeOf(owner, request))
  if (made.outcome === 'refused') throw refusal(made.reason)
  return withText(services, { ...made, userId }, 200)
}

async function revoke(services: Services, request: Request, id: string): Promise<Response> {
  const owner = await requireOwner(services, request)
  const asked = { apiTokenId: id, userId: owner.userId, reason: 'revoked_by_user' } as const
  const outcome = await revokeApiToken(services, asked, causeOf(owner, request))
  if (outcome.outcome === 'refused') throw refusal(outcome.reason)
  return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
}

async function report(services: Services, request: Request): Promise<Response> {
  const text = await readJsonText(request, services.settings.limits.bodyBytesMax)
  const keyId = request.headers.get('github-public-key-identifier')
  const signature = request.headers.get('github-public-key-signature')
  await requireSignedReport(services, { body: text, keyId, signature })
  const body = parseJson(text)
  const correlationId = contextOf(request).requestId
  const { received, owners } = await endLeakedTokens(services, body, { correlationId })
  await tellOfLeaks(services, owners)
  return jsonResponse({ received }, { status: 202 })
}

async function withText(
  services: Services,
  made: { apiTokenId: string; userId: string; token: string },
  status: number,
): Promise<Response> {
  const row = await findOwn(services, made)
  if (!row) throw refusal('token_unknown')
  return jsonResponse({ ...(await shown(services, row)), token: made.token }, { status })
}

function causeOf({ clientId }: PersonToken, request: Request): ApiTokenCause {
  return { actor: `client:${clientId}`, correlationId: contextOf(request).requestId }
}

async function shown(services: Services, row: ApiToken) {
  const use = await lastUseOf(services, row.apiTokenId)
  const time = (at: number | null | undefined) => (at ? new Date(at).toISOString() : null)
  return {
    id: row.apiTokenId,
    name: row.name ?? '',
    description: row.description ?? '',
    resource: row.resource,
    scopes: row.scopes,
    begins: `${row.prefix}_`,
    last_four: row.lastFour,
    created_at: time(row.createdAt),
    regenerated_at: time(row.regeneratedAt),
    expires_at: time(row.expiresAt),
    last_used_at: time(use?.at),
    last_used_from: use?.from ?? null,
    leaked_at: time(row.leakedAt),
  }
}

function malformed(): OAuthError {
  return new OAuthError('invalid_request', 'A field of the body is missing or malformed')
}

const refusals: Readonly<
  Record<ApiTokenProblem, readonly [OAuthErrorCode, string, OAuthErrorDetail?]>
> = {
  api_tokens_off: ['access_denied', 'There are no API tokens here'],
  name_missing: ['invalid_request', 'The name is missing'],
  name_too_long: ['invalid_request', 'The name is too long'],
  description_too_long: ['invalid_request', 'The description is too long'],
  resource_unknown: ['invalid_target', 'No API token can be for this resource'],
  scope_missing: ['invalid_scope', 'An API token needs a scope'],
  scope_not_allowed: ['invalid_scope', 'A scope is none that this person may give'],
  lifetime_too_long: ['invalid_request', 'The token would live too long'],
  overlap_too_long: ['invalid_request', 'The old token would stay good for too long'],
  too_many: ['access_denied', 'The account has as many API tokens as it may'],
  user_not_active: ['access_denied', 'The account is not active'],
  token_exists: ['invalid_request', 'The token is there already', { status: 409 }],
  token_unknown: ['not_found', 'There is no such API token'],
  token_revoked: ['not_found', 'There is no such API token'],
  token_regenerated: ['invalid_request', 'It was regenerated meanwhile', { status: 409 }],
  already_expired: ['invalid_request', 'The token would have expired already'],
  nothing_to_acknowledge: ['not_found', 'There is nothing to acknowledge'],
}

function refusal(reason: ApiTokenProblem): OAuthError {
  const [code, words, detail = {}] = refusals[reason]
  return new OAuthError(code, words, { ...detail, cause: reason })
}
