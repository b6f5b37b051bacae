/**
 * API tokens as they are now. A revoked one leaves the table; one that had leaked stays until its
 * owner has read so. The unique place is what keeps an account from having more than it may.
 */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  ApiTokenCreated,
  ApiTokenLeakAcknowledged,
  ApiTokenRegenerated,
  ApiTokenRevoked,
} from '../domain/api-token.ts'
import { UserDeleted } from '../domain/user-events.ts'
import type { LiveToken } from './live-tokens.ts'
import { defineProjection, on } from './projection.ts'
import { findOne, insert, type Reader, readOnce, remove, rowOf, update } from './statement.ts'

export const apiTokens = sqliteTable(
  'api_tokens_v1',
  {
    apiTokenId: text('api_token_id').primaryKey(),
    userId: text('user_id').notNull(),
    /** Account and place; null once it no longer counts. */
    placeKey: text('place_key').unique(),
    place: integer('place').notNull(),
    /** Null once the person's key has been erased, as the description. */
    name: text('name'),
    description: text('description'),
    resource: text('resource').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<string[]>().notNull(),
    generation: integer('generation').notNull(),
    /** Null once it was revoked. */
    tokenHash: text('token_hash').unique(),
    prefix: text('prefix').notNull(),
    lastFour: text('last_four').notNull(),
    keyVersion: integer('key_version').notNull(),
    nonce: text('nonce'),
    previousHash: text('previous_hash'),
    previousEndsAt: integer('previous_ends_at'),
    createdAt: integer('created_at').notNull(),
    regeneratedAt: integer('regenerated_at'),
    /** Null for never. */
    expiresAt: integer('expires_at'),
    /** When somebody told us that it had leaked. */
    leakedAt: integer('leaked_at'),
  },
  (table) => [
    index('api_tokens_v1_user').on(table.userId, table.apiTokenId),
    index('api_tokens_v1_previous').on(table.previousHash),
    index('api_tokens_v1_expires').on(table.expiresAt),
  ],
)

export type ApiToken = typeof apiTokens.$inferSelect

export const apiTokensProjection = defineProjection(
  'api_tokens_v1',
  [apiTokens],
  [
    on(ApiTokenCreated, ({ at, nonce, expiresAt, ...token }) => [
      insert(apiTokens, {
        ...token,
        placeKey: `${token.userId} ${token.place}`,
        nonce: nonce ?? null,
        expiresAt: expiresAt ?? null,
        createdAt: at,
      }),
    ]),
    on(ApiTokenRegenerated, ({ apiTokenId, at, previousEndsAt, userId: _, ...text }) => [
      {
        sql: `UPDATE "api_tokens_v1" SET "previous_hash" = "token_hash" WHERE "api_token_id" = ?`,
        args: [apiTokenId],
      },
      update(
        apiTokens,
        {
          ...text,
          nonce: text.nonce ?? null,
          expiresAt: text.expiresAt ?? null,
          previousEndsAt,
          regeneratedAt: at,
        },
        { apiTokenId },
      ),
    ]),
    on(ApiTokenRevoked, ({ apiTokenId, reason, at }) => {
      if (reason !== 'leaked') return [remove(apiTokens, { apiTokenId })]
      const ended = { placeKey: null, tokenHash: null, previousHash: null, nonce: null }
      return [update(apiTokens, { ...ended, leakedAt: at }, { apiTokenId })]
    }),
    on(ApiTokenLeakAcknowledged, ({ apiTokenId }) => [remove(apiTokens, { apiTokenId })]),
    // One that was made while the account was being deleted too.
    on(UserDeleted, ({ userId }) => [remove(apiTokens, { userId })]),
  ],
)

/** What the API token of this hash stands for, if it and its owner are good now. */
export async function findLiveApiToken(
  reader: Reader,
  { tokenHash, now }: { tokenHash: string; now: number },
): Promise<LiveToken | undefined> {
  const sql = `SELECT t.* FROM "api_tokens_v1" t
    JOIN "users_v1" u ON u."user_id" = t."user_id" AND u."status" = 'active'
    WHERE t."token_hash" = ?1 OR t."previous_hash" = ?1`
  const raw = await reader.get({ sql, args: [tokenHash], namesItsRows: true })
  if (!raw) return undefined
  const row = readOnce(raw, () => rowOf(apiTokens, raw))
  const isPrevious = row.tokenHash !== tokenHash
  // A text that was replaced counts for as long as somebody said it would.
  const ends = [row.expiresAt, isPrevious ? (row.previousEndsAt ?? 0) : null]
  const expiresAt = Math.min(Number.POSITIVE_INFINITY, ...ends.filter((end) => end !== null))
  if (expiresAt <= now) return undefined
  return {
    tokenHash,
    apiTokenId: row.apiTokenId,
    grantId: undefined,
    issuanceId: undefined,
    sub: row.userId,
    userId: row.userId,
    clientId: row.apiTokenId,
    resource: row.resource,
    scopes: row.scopes,
    issuedAt: row.regeneratedAt ?? row.createdAt,
    expiresAt,
    authTime: undefined,
    amr: undefined,
    acr: undefined,
    claims: undefined,
    authorizationDetails: undefined,
    confirmation: undefined,
    actors: [],
    clientIds: [],
  }
}

export function findApiToken(reader: Reader, apiTokenId: string): Promise<ApiToken | undefined> {
  return findOne(reader, apiTokens, { apiTokenId })
}

/** The token of this hash or of the text before it, whether or not it is good. */
export async function findApiTokenByHash(
  reader: Reader,
  tokenHash: string,
): Promise<ApiToken | undefined> {
  const sql = `SELECT * FROM "api_tokens_v1" WHERE "token_hash" = ?1 OR "previous_hash" = ?1 LIMIT 1`
  const raw = await reader.get({ sql, args: [tokenHash] })
  return raw && rowOf(apiTokens, raw)
}

/** An account's tokens, those that leaked and then the newest first; its places keep them few. */
export async function findApiTokensOf(
  reader: Reader,
  { userId, rowsMax = -1, offset = 0 }: { userId: string; rowsMax?: number; offset?: number },
): Promise<ApiToken[]> {
  const sql = `SELECT * FROM "api_tokens_v1" WHERE "user_id" = ?
    ORDER BY "leaked_at" IS NULL, "created_at" DESC, "api_token_id" DESC LIMIT ? OFFSET ?`
  return (await reader.all({ sql, args: [userId, rowsMax, offset] })).map((raw) =>
    rowOf(apiTokens, raw),
  )
}

export async function countApiTokens(
  reader: Reader,
  userId: string,
): Promise<{ count: number; hasLeaked: boolean }> {
  const sql = `SELECT count(*) AS "tokens", count("leaked_at") AS "leaked"
    FROM "api_tokens_v1" WHERE "user_id" = ?`
  const counted = await reader.get({ sql, args: [userId] })
  return { count: Number(counted?.tokens), hasLeaked: Number(counted?.leaked) > 0 }
}

/** The account's places that are taken. */
export async function findTakenPlaces(reader: Reader, userId: string): Promise<Set<number>> {
  const sql = `SELECT "place" FROM "api_tokens_v1" WHERE "user_id" = ? AND "place_key" IS NOT NULL`
  return new Set((await reader.all({ sql, args: [userId] })).map(({ place }) => Number(place)))
}

export interface ExpiringApiToken {
  readonly apiTokenId: string
  readonly userId: string
  readonly generation: number
  /** When its present text was made. */
  readonly startedAt: number
  readonly expiresAt: number
}

/** Those that end after one moment and not after another, the first to end first. */
export async function findApiTokensExpiring(
  reader: Reader,
  { after, until, rowsMax }: { after: number; until: number; rowsMax: number },
): Promise<ExpiringApiToken[]> {
  const sql = `SELECT * FROM "api_tokens_v1" WHERE "expires_at" > ? AND "expires_at" <= ?
    AND "leaked_at" IS NULL ORDER BY "expires_at" LIMIT ?`
  const rows = await reader.all({ sql, args: [after, until, rowsMax] })
  return rows.map((raw) => {
    const { apiTokenId, userId, generation, createdAt, regeneratedAt } = rowOf(apiTokens, raw)
    const startedAt = regeneratedAt ?? createdAt
    return { apiTokenId, userId, generation, startedAt, expiresAt: Number(raw.expires_at) }
  })
}
