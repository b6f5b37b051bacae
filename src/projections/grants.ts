/**
 * Grants that are good now, and the tokens they carry. A grant that ended has no row here: what
 * it was is in the log. Tokens that have expired go with the next rotation of their grant, by the
 * time in the event, so that a replay deletes the same rows.
 */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  AccessTokenRevoked,
  CodeRedeemed,
  GrantApproved,
  GrantEnded,
  RefreshTokenRotated,
} from '../domain/grant-events.ts'
import { defineProjection, on } from './projection.ts'
import {
  findAll,
  findOne,
  insert,
  type Reader,
  remove,
  type Statement,
  update,
} from './statement.ts'

export const grants = sqliteTable(
  'grants_v1',
  {
    grantId: text('grant_id').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    resource: text('resource').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<string[]>().notNull(),
    codeHash: text('code_hash').notNull().unique(),
    /** 0 until the code is redeemed. */
    generation: integer('generation').notNull(),
    authTime: integer('auth_time').notNull(),
    approvedAt: integer('approved_at').notNull(),
    issuedAt: integer('issued_at'),
  },
  (table) => [
    index('grants_v1_user').on(table.userId),
    index('grants_v1_client').on(table.clientId),
  ],
)

export const accessTokens = sqliteTable(
  'access_tokens_v1',
  {
    tokenHash: text('token_hash').primaryKey(),
    grantId: text('grant_id').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<string[]>().notNull(),
    issuedAt: integer('issued_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('access_tokens_v1_grant').on(table.grantId, table.expiresAt)],
)

export const refreshTokens = sqliteTable(
  'refresh_tokens_v1',
  {
    tokenHash: text('token_hash').primaryKey(),
    grantId: text('grant_id').notNull(),
    generation: integer('generation').notNull(),
    issuedAt: integer('issued_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('refresh_tokens_v1_grant').on(table.grantId, table.expiresAt)],
)

export type Grant = typeof grants.$inferSelect
export type RefreshToken = typeof refreshTokens.$inferSelect

interface Issued {
  readonly grantId: string
  readonly generation: number
  readonly scopes: string[]
  readonly accessTokenHash: string
  readonly accessExpiresAt: number
  readonly refreshTokenHash: string
  readonly refreshExpiresAt: number
  readonly at: number
}

function issue({ grantId, generation, scopes, at, ...issued }: Issued): Statement[] {
  return [
    update(grants, { generation, issuedAt: at }, { grantId }),
    insert(accessTokens, {
      tokenHash: issued.accessTokenHash,
      grantId,
      scopes,
      issuedAt: at,
      expiresAt: issued.accessExpiresAt,
    }),
    insert(refreshTokens, {
      tokenHash: issued.refreshTokenHash,
      grantId,
      generation,
      issuedAt: at,
      expiresAt: issued.refreshExpiresAt,
    }),
  ]
}

function dropExpired(table: 'access_tokens_v1' | 'refresh_tokens_v1', issued: Issued): Statement {
  const sql = `DELETE FROM "${table}" WHERE "grant_id" = ? AND "expires_at" <= ?`
  return { sql, args: [issued.grantId, issued.at] }
}

export const grantsProjection = defineProjection(
  'grants_v1',
  [grants, accessTokens, refreshTokens],
  [
    on(GrantApproved, ({ grantId, userId, clientId, resource, scopes, codeHash, authTime, at }) => [
      insert(grants, {
        grantId,
        userId,
        clientId,
        resource,
        scopes,
        codeHash,
        generation: 0,
        authTime,
        approvedAt: at,
      }),
    ]),
    on(CodeRedeemed, issue),
    on(RefreshTokenRotated, (rotated) => [
      dropExpired('access_tokens_v1', rotated),
      dropExpired('refresh_tokens_v1', rotated),
      ...issue(rotated),
    ]),
    on(AccessTokenRevoked, ({ tokenHash }) => [remove(accessTokens, { tokenHash })]),
    on(GrantEnded, ({ grantId }) => [
      remove(accessTokens, { grantId }),
      remove(refreshTokens, { grantId }),
      remove(grants, { grantId }),
    ]),
  ],
)

export function findGrantByCode(reader: Reader, codeHash: string): Promise<Grant | undefined> {
  return findOne(reader, grants, { codeHash })
}

export function findRefreshToken(
  reader: Reader,
  tokenHash: string,
): Promise<RefreshToken | undefined> {
  return findOne(reader, refreshTokens, { tokenHash })
}

export function findGrantsOf(reader: Reader, userId: string): Promise<Grant[]> {
  return findAll(reader, grants, { userId })
}

/** A token together with everything that must still be good for it to count. */
export interface LiveToken {
  readonly grantId: string
  readonly userId: string
  readonly clientId: string
  readonly resource: string
  readonly scopes: string[]
  readonly issuedAt: number
  readonly expiresAt: number
  readonly authTime: number
}

const goodFor = `JOIN "grants_v1" g ON g."grant_id" = t."grant_id"
  JOIN "clients_v1" c ON c."client_id" = g."client_id" AND c."status" = 'active'
  JOIN "users_v1" u ON u."user_id" = g."user_id" AND u."status" = 'active'
  WHERE t."token_hash" = ? AND t."expires_at" > ?`

const terms = `g."grant_id", g."user_id", g."client_id", g."resource", g."auth_time",
  t."issued_at", t."expires_at"`

const liveAccessToken = `SELECT ${terms}, t."scopes" FROM "access_tokens_v1" t ${goodFor}`

const liveRefreshToken = `SELECT ${terms}, g."scopes" FROM "refresh_tokens_v1" t ${goodFor}
  AND t."generation" = g."generation"`

async function findLive(reader: Reader, statement: Statement): Promise<LiveToken | undefined> {
  const raw = await reader.get(statement)
  if (!raw) return undefined
  return {
    grantId: String(raw.grant_id),
    userId: String(raw.user_id),
    clientId: String(raw.client_id),
    resource: String(raw.resource),
    scopes: JSON.parse(String(raw.scopes)),
    issuedAt: Number(raw.issued_at),
    expiresAt: Number(raw.expires_at),
    authTime: Number(raw.auth_time),
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

export function findGrant(reader: Reader, grantId: string): Promise<Grant | undefined> {
  return findOne(reader, grants, { grantId })
}
