/**
 * A token and everything that must still be good for it to count, in one question: its grant, its
 * client and its person.
 */
import type { Confirmation } from '../domain/access.ts'
import type { RequestedClaims } from '../domain/grant-events.ts'
import type { Reader, Statement } from './statement.ts'

/** What a token that is good now stands for. */
export interface LiveToken {
  readonly grantId: string
  readonly userId: string
  readonly clientId: string
  readonly resource: string
  readonly scopes: string[]
  readonly issuedAt: number
  readonly expiresAt: number
  readonly authTime: number
  readonly amr: string[]
  readonly acr: string | undefined
  readonly claims: RequestedClaims | undefined
  readonly authorizationDetails: Record<string, unknown>[] | undefined
  /** Undefined for a bearer token. */
  readonly confirmation: Confirmation | undefined
}

const goodFor = `JOIN "grants_v1" g ON g."grant_id" = t."grant_id"
  JOIN "clients_v1" c ON c."client_id" = g."client_id" AND c."status" = 'active'
  JOIN "users_v1" u ON u."user_id" = g."user_id" AND u."status" = 'active'
  WHERE t."token_hash" = ? AND t."expires_at" > ?`

const terms = `g."grant_id", g."user_id", g."client_id", g."auth_time", g."amr", g."acr",
  g."claims", g."authorization_details", t."issued_at", t."expires_at"`

const liveAccessToken = `SELECT ${terms}, t."resource", t."scopes", t."confirmation"
  FROM "access_tokens_v1" t ${goodFor}`

// The refresh token is for all of the grant; its first resource stands for it.
const liveRefreshToken = `SELECT ${terms}, g."access" ->> '$[0].resource' AS "resource",
  g."access" -> '$[0].scopes' AS "scopes", NULL AS "confirmation"
  FROM "refresh_tokens_v1" t ${goodFor} AND t."generation" = g."generation"`

async function findLive(reader: Reader, statement: Statement): Promise<LiveToken | undefined> {
  const raw = await reader.get(statement)
  if (!raw) return undefined
  const json = (value: unknown) => (value === null ? undefined : JSON.parse(String(value)))
  return {
    grantId: String(raw.grant_id),
    userId: String(raw.user_id),
    clientId: String(raw.client_id),
    resource: String(raw.resource),
    scopes: json(raw.scopes),
    issuedAt: Number(raw.issued_at),
    expiresAt: Number(raw.expires_at),
    authTime: Number(raw.auth_time),
    amr: json(raw.amr),
    acr: raw.acr === null ? undefined : String(raw.acr),
    claims: json(raw.claims),
    authorizationDetails: json(raw.authorization_details),
    confirmation: json(raw.confirmation),
  }
}

/** The access token of this hash, if it, its grant, its client and its person are good now. */
export function findLiveAccessToken(
  reader: Reader,
  { tokenHash, now }: { tokenHash: string; now: number },
): Promise<LiveToken | undefined> {
  return findLive(reader, { sql: liveAccessToken, args: [tokenHash, now] })
}

/** The same for a refresh token; only the newest of its grant is live. */
export function findLiveRefreshToken(
  reader: Reader,
  { tokenHash, now }: { tokenHash: string; now: number },
): Promise<LiveToken | undefined> {
  return findLive(reader, { sql: liveRefreshToken, args: [tokenHash, now] })
}
