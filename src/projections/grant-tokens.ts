/**
 * What each issue of a grant gave: an access token and a refresh token. They stand together, issue
 * by issue, so that a refresh changes one place on the disk. Rows of which the access token has
 * expired go with later issues, by the time in the event, so that a replay deletes the same; the
 * newest two stay. Which refresh tokens there were before is in the log.
 */
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Access, Confirmation } from '../domain/access.ts'
import {
  AccessTokenRevoked,
  CodeRedeemed,
  GrantEnded,
  GrantNarrowed,
  RefreshTokenRevoked,
  RefreshTokenRotated,
  type TokenPair,
} from '../domain/grant-events.ts'
import { narrowedScopes } from './narrow-tokens.ts'
import { defineProjection, on } from './projection.ts'
import { insert, remove, type Statement, update } from './statement.ts'

export const grantTokens = sqliteTable(
  'grant_tokens_v1',
  {
    grantId: text('grant_id').notNull(),
    /** 1 for what the code gave, one more with every rotation. */
    generation: integer('generation').notNull(),
    /** Null once it was revoked, or worth nothing any more. */
    accessTokenHash: text('access_token_hash'),
    /** Null once it was revoked; of the newest issue alone it is good. */
    refreshTokenHash: text('refresh_token_hash'),
    resource: text('resource').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<string[]>().notNull(),
    details: text('details', { mode: 'json' }).$type<number[]>(),
    confirmation: text('confirmation', { mode: 'json' }).$type<Confirmation>(),
    issuedAt: integer('issued_at').notNull(),
    accessExpiresAt: integer('access_expires_at').notNull(),
    refreshExpiresAt: integer('refresh_expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.grantId, table.generation] })],
)

interface Issued extends TokenPair {
  readonly grantId: string
  readonly at: number
}

function issue({ grantId, generation, resource, scopes, at, ...issued }: Issued): Statement {
  return insert(grantTokens, {
    grantId,
    generation,
    accessTokenHash: issued.accessTokenHash,
    refreshTokenHash: issued.refreshTokenHash,
    resource,
    scopes,
    details: issued.details ?? null,
    confirmation: issued.confirmation ?? null,
    issuedAt: at,
    accessExpiresAt: issued.accessExpiresAt,
    refreshExpiresAt: issued.refreshExpiresAt,
  })
}

/** They are good for nobody, and a few may lie about. */
const rotationsPerSweep = 8
/** However many a grant has: the oldest, four times as many as came since the last sweep. */
const sweptAtOnce = 4 * rotationsPerSweep

function dropExpired({ grantId, generation, at }: Issued): Statement[] {
  if (generation % rotationsPerSweep !== 0) return []
  const sql = `DELETE FROM "grant_tokens_v1"
    WHERE "grant_id" = ? AND "generation" < ? AND "access_expires_at" <= ? AND "generation" <
      (SELECT min("generation") FROM "grant_tokens_v1" WHERE "grant_id" = ?) + ${sweptAtOnce}`
  return [{ sql, args: [grantId, generation - 1, at, grantId], dropsEnded: true }]
}

function narrow(grantId: string, access: readonly Access[]): Statement[] {
  return [
    {
      sql: `UPDATE "grant_tokens_v1" SET "scopes" = (${narrowedScopes('grant_tokens_v1')})
        WHERE "grant_id" = ?`,
      args: [JSON.stringify(access), grantId],
    },
    {
      sql: `UPDATE "grant_tokens_v1" SET "access_token_hash" = NULL
        WHERE "grant_id" = ? AND json_array_length("scopes") = 0`,
      args: [grantId],
    },
  ]
}

export const grantTokensProjection = defineProjection(
  'grant_tokens_v1',
  [grantTokens],
  [
    on(CodeRedeemed, (redeemed) => [issue(redeemed)]),
    on(RefreshTokenRotated, (rotated) => [...dropExpired(rotated), issue(rotated)]),
    on(AccessTokenRevoked, ({ grantId, tokenHash }) => [
      update(grantTokens, { accessTokenHash: null }, { grantId, accessTokenHash: tokenHash }),
    ]),
    on(RefreshTokenRevoked, ({ grantId }) => [
      update(grantTokens, { refreshTokenHash: null }, { grantId }),
    ]),
    on(GrantNarrowed, ({ grantId, access }) => narrow(grantId, access)),
    on(GrantEnded, ({ grantId }) => [remove(grantTokens, { grantId })]),
  ],
)

const newest = (column: string) => `(SELECT n."${column}" FROM "grant_tokens_v1" n
  WHERE n."grant_id" = g."grant_id" ORDER BY n."generation" DESC LIMIT 1)`

/** Of a grant `g`: when tokens were last issued, null while its code waits to be redeemed. */
export const issuedAtOfGrant = newest('issued_at')

/** Of a grant `g`: when it is over if nothing more happens, by its newest refresh token or its code. */
export const endOfGrant = `coalesce(${newest('refresh_expires_at')}, g."code_expires_at")`
