/**
 * A token and everything that must still be good for it to count, in one question: its grant or
 * what it descends from, its clients and its person.
 */
import type { Confirmation } from '../domain/access.ts'
import type { AgentConsent } from '../domain/agent.ts'
import type { RequestedClaims } from '../domain/grant-events.ts'
import type { Actor } from '../domain/issuance.ts'
import { grantIdOf, issuanceIdOf, type TokenRef } from '../domain/token-ref.ts'
import { type Reader, readOnce, type Statement } from './statement.ts'

/** What a token that is good now stands for. */
export interface LiveToken {
  /** The one that was presented, as the log knows it. */
  readonly tokenHash: string
  /** The grant that it goes back to; none where no person consented here. */
  readonly grantId: string | undefined
  /** What it is itself, where it comes from no code. */
  readonly issuanceId: string | undefined
  /** The API token of a person, where it is one. */
  readonly apiTokenId?: string
  /** Whom it is about: a person, an agent, or a client that acts for itself. */
  readonly sub: string
  /** The person, where it is about one. */
  readonly userId: string | undefined
  /** Who holds it; an API token has no client, and goes by its own id. */
  readonly clientId: string
  readonly resource: string
  readonly scopes: string[]
  readonly issuedAt: number
  /** Infinite for an API token that never ends by time. */
  readonly expiresAt: number
  /** Of the sign-in behind a grant. */
  readonly authTime: number | undefined
  readonly amr: string[] | undefined
  readonly acr: string | undefined
  readonly claims: RequestedClaims | undefined
  readonly authorizationDetails: Record<string, unknown>[] | undefined
  /** Undefined for a bearer token. */
  readonly confirmation: Confirmation | undefined
  /** Who acts for `sub`, newest first. */
  readonly actors: readonly Actor[]
  /** Every client that it came through, its own among them. */
  readonly clientIds: readonly string[]
  /** Where it is about an agent. */
  readonly agent?: AgentBehind
}

export interface AgentBehind {
  /** Absent while nobody has confirmed the agent. */
  readonly ownerId: string | undefined
  /** What the owner lets it give now. */
  readonly consents: readonly AgentConsent[]
  /** When the grant was made. */
  readonly approvedAt: number
}

const goodFor = `JOIN "grants_v1" g ON g."grant_id" = t."grant_id"
  JOIN "clients_v1" c ON c."client_id" = g."client_id" AND c."status" = 'active'
  LEFT JOIN "users_v1" u ON u."user_id" = g."user_id"
  LEFT JOIN "agents_v1" a ON a."agent_id" = g."user_id" AND a."status" <> 'revoked'
  LEFT JOIN "users_v1" o ON o."user_id" = a."owner_id"
  WHERE t."grant_id" = ? AND t."generation" = ?
  AND (u."status" = 'active' OR a."status" = 'unconfirmed' OR o."status" = 'active')`

const terms = `g."grant_id", NULL AS "issuance_id", g."user_id" AS "sub", u."user_id",
  g."client_id", g."auth_time", g."amr", g."acr", g."claims", g."authorization_details",
  t."issued_at", '[]' AS "actors",
  json_array(g."client_id") AS "client_ids", a."consents" AS "consents",
  a."owner_id" AS "owner_id", g."approved_at" AS "approved_at"`

// What ends an ancestor deletes its descendants, so only what can come back is asked for here.
const liveIssuedToken = `SELECT t."grant_id", t."issuance_id", t."sub", t."user_id",
  t."client_id", g."auth_time", g."amr", g."acr", NULL AS "claims", t."authorization_details",
  t."issued_at", t."expires_at", t."actors", t."client_ids", NULL AS "consents",
  t."resource", t."scopes", NULL AS "details", t."confirmation"
  FROM "issued_tokens_v1" t LEFT JOIN "users_v1" u ON u."user_id" = t."user_id"
  LEFT JOIN "grants_v1" g ON g."grant_id" = t."grant_id"
  WHERE t."issuance_id" = ? AND t."token_hash" = ?
  AND (t."user_id" IS NULL OR u."status" = 'active')
  AND NOT EXISTS (SELECT 1 FROM json_each(t."client_ids") j
    LEFT JOIN "clients_v1" c ON c."client_id" = j."value" WHERE c."status" IS NOT 'active')`

const liveAccessToken = `SELECT ${terms}, t."access_expires_at" AS "expires_at", t."resource",
  t."scopes", t."details", t."confirmation"
  FROM "grant_tokens_v1" t ${goodFor} AND t."access_token_hash" = ?`

// The refresh token is for all of the grant; its first resource stands for it.
const liveRefreshToken = `SELECT ${terms}, t."refresh_expires_at" AS "expires_at",
  g."access" ->> '$[0].resource' AS "resource", g."access" -> '$[0].scopes' AS "scopes",
  NULL AS "details", NULL AS "confirmation"
  FROM "grant_tokens_v1" t ${goodFor} AND t."refresh_token_hash" = ?
  AND NOT EXISTS (SELECT 1 FROM "grant_tokens_v1" n
    WHERE n."grant_id" = t."grant_id" AND n."generation" > t."generation")`

interface Asked {
  readonly ref: TokenRef
  /** Milliseconds since 1970. */
  readonly now: number
}

async function findLive(
  reader: Reader,
  { ref, now, ...statement }: Statement & Asked,
): Promise<LiveToken | undefined> {
  const raw = await reader.get({ ...statement, namesItsRows: true })
  if (!raw || Number(raw.expires_at) <= now) return undefined
  return readOnce(raw, () => liveTokenOf(raw, ref.hash))
}

function liveTokenOf(
  raw: Awaited<ReturnType<Reader['all']>>[number],
  tokenHash: string,
): LiveToken {
  const json = (value: unknown) => (value === null ? undefined : JSON.parse(String(value)))
  const text = (value: unknown) => (value === null ? undefined : String(value))
  return {
    tokenHash,
    grantId: text(raw.grant_id),
    issuanceId: text(raw.issuance_id),
    sub: String(raw.sub),
    userId: text(raw.user_id),
    clientId: String(raw.client_id),
    resource: String(raw.resource),
    scopes: json(raw.scopes),
    issuedAt: Number(raw.issued_at),
    expiresAt: Number(raw.expires_at),
    authTime: raw.auth_time === null ? undefined : Number(raw.auth_time),
    amr: json(raw.amr),
    acr: text(raw.acr),
    claims: json(raw.claims),
    authorizationDetails: picked(json(raw.authorization_details), json(raw.details)),
    confirmation: json(raw.confirmation),
    actors: json(raw.actors),
    clientIds: json(raw.client_ids),
    ...(raw.consents === null
      ? {}
      : {
          agent: {
            ownerId: text(raw.owner_id),
            consents: json(raw.consents),
            approvedAt: Number(raw.approved_at),
          },
        }),
  }
}

/** Those that the token was narrowed to. */
function picked<T>(details: T[] | undefined, places: number[] | undefined): T[] | undefined {
  return places ? details?.filter((_, place) => places.includes(place)) : details
}

/** The access token that is meant, if it and all that it needs to be good is good now. */
export function findLiveAccessToken(
  reader: Reader,
  { ref, now }: Asked,
): Promise<LiveToken | undefined> {
  const { generation, hash } = ref
  if (generation === 0) {
    return findLive(reader, { ref, now, sql: liveIssuedToken, args: [issuanceIdOf(ref), hash] })
  }
  const args = [grantIdOf(ref), generation, hash]
  return findLive(reader, { ref, now, sql: liveAccessToken, args })
}

/** The same for a refresh token; only the newest of its grant is live. */
export function findLiveRefreshToken(
  reader: Reader,
  { ref, now }: Asked,
): Promise<LiveToken | undefined> {
  const args = [grantIdOf(ref), ref.generation, ref.hash]
  return findLive(reader, { ref, now, sql: liveRefreshToken, args })
}
