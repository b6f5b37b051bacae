/**
 * Access tokens that come from no code, while they may be good. What ends a token deletes all that
 * descends from it in the same append, so that nobody who asks has to climb. Expired ones go with
 * later issues, by the time in the event and in small batches, so that a replay deletes the same.
 */
import { isNotNull } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Access, Confirmation } from '../domain/access.ts'
import { AccessTokenRevoked, GrantEnded, GrantNarrowed } from '../domain/grant-events.ts'
import { AccessTokenIssued, type Actor, IssuanceRevoked } from '../domain/issuance.ts'
import { UserDeleted } from '../domain/user-events.ts'
import { narrowedScopes } from './narrow-tokens.ts'
import { defineProjection, on } from './projection.ts'
import { insert, remove, type Statement } from './statement.ts'

export const issuedTokens = sqliteTable(
  'issued_tokens_v1',
  {
    issuanceId: text('issuance_id').primaryKey(),
    tokenHash: text('token_hash').notNull(),
    clientId: text('client_id').notNull(),
    sub: text('sub').notNull(),
    userId: text('user_id'),
    resource: text('resource').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<string[]>().notNull(),
    confirmation: text('confirmation', { mode: 'json' }).$type<Confirmation>(),
    authorizationDetails: text('authorization_details', { mode: 'json' }).$type<
      Record<string, unknown>[]
    >(),
    actors: text('actors', { mode: 'json' }).$type<Actor[]>().notNull(),
    clientIds: text('client_ids', { mode: 'json' }).$type<string[]>().notNull(),
    parentHash: text('parent_hash'),
    grantId: text('grant_id'),
    issuedAt: integer('issued_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    // What a client got for itself has none of the three.
    index('issued_tokens_v1_parent').on(table.parentHash).where(isNotNull(table.parentHash)),
    index('issued_tokens_v1_grant').on(table.grantId).where(isNotNull(table.grantId)),
    index('issued_tokens_v1_user').on(table.userId).where(isNotNull(table.userId)),
    index('issued_tokens_v1_expires').on(table.expiresAt, table.issuanceId),
  ],
)

const expiredAtOnce = 20

function dropExpired(at: number): Statement {
  const sql = `DELETE FROM "issued_tokens_v1" WHERE "issuance_id" IN (
    SELECT "issuance_id" FROM "issued_tokens_v1" WHERE "expires_at" <= ?
    ORDER BY "expires_at", "issuance_id" LIMIT ${expiredAtOnce})`
  return { sql, args: [at], dropsEnded: true }
}

/** All that was exchanged for the token of this hash. */
function dropDescendants(tokenHash: string): Statement {
  const sql = `WITH RECURSIVE "gone"("issuance_id", "token_hash") AS (
      VALUES (NULL, ?) UNION
      SELECT t."issuance_id", t."token_hash" FROM "issued_tokens_v1" t
        JOIN "gone" ON t."parent_hash" = "gone"."token_hash")
    DELETE FROM "issued_tokens_v1" WHERE "issuance_id" IN (SELECT "issuance_id" FROM "gone")`
  return { sql, args: [tokenHash] }
}

/** Each is worth what is left at its resource; one of which nothing is left is gone. */
function narrow(grantId: string, access: readonly Access[]): Statement[] {
  return [
    {
      sql: `UPDATE "issued_tokens_v1" SET "scopes" = (${narrowedScopes('issued_tokens_v1')})
        WHERE "grant_id" = ?`,
      args: [JSON.stringify(access), grantId],
    },
    {
      sql: `DELETE FROM "issued_tokens_v1"
        WHERE "grant_id" = ? AND json_array_length("scopes") = 0`,
      args: [grantId],
    },
  ]
}

export const issuancesProjection = defineProjection(
  'issuances_v1',
  [issuedTokens],
  [
    on(AccessTokenIssued, (issued) => [
      dropExpired(issued.at),
      insert(issuedTokens, {
        issuanceId: issued.issuanceId,
        tokenHash: issued.accessTokenHash,
        clientId: issued.clientId,
        sub: issued.sub,
        userId: issued.userId ?? null,
        resource: issued.resource,
        scopes: issued.scopes,
        confirmation: issued.confirmation ?? null,
        authorizationDetails: issued.authorizationDetails ?? null,
        actors: issued.actors,
        clientIds: issued.clientIds,
        parentHash: issued.parentHash ?? null,
        grantId: issued.grantId ?? null,
        issuedAt: issued.at,
        expiresAt: issued.expiresAt,
      }),
    ]),
    on(IssuanceRevoked, ({ issuanceId, accessTokenHash }) => [
      remove(issuedTokens, { issuanceId }),
      dropDescendants(accessTokenHash),
    ]),
    on(AccessTokenRevoked, ({ tokenHash }) => [dropDescendants(tokenHash)]),
    on(GrantNarrowed, ({ grantId, access }) => narrow(grantId, access)),
    on(GrantEnded, ({ grantId }) => [remove(issuedTokens, { grantId })]),
    on(UserDeleted, ({ userId }) => [remove(issuedTokens, { userId })]),
  ],
)
