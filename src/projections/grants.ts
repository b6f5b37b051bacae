/**
 * Grants that are good now, and the tokens they carry. A grant that ended has no row here: what
 * it was is in the log. Tokens that have expired go with the next rotation of their grant, by the
 * time in the event, so that a replay deletes the same rows.
 */
import { isNotNull } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Access, Confirmation } from '../domain/access.ts'
import {
  AccessTokenRevoked,
  CodeRedeemed,
  GrantApproved,
  GrantEnded,
  GrantNarrowed,
  RefreshTokenRevoked,
  RefreshTokenRotated,
  type RequestedClaims,
  type TokenPair,
} from '../domain/grant-events.ts'
import { narrowTokens } from './narrow-tokens.ts'
import { defineProjection, on } from './projection.ts'
import {
  findAll,
  findOne,
  insert,
  type Reader,
  remove,
  type SqlValue,
  type Statement,
  update,
} from './statement.ts'

export const grants = sqliteTable(
  'grants_v1',
  {
    grantId: text('grant_id').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    access: text('access', { mode: 'json' }).$type<Access[]>().notNull(),
    authorizationDetails: text('authorization_details', { mode: 'json' }).$type<
      Record<string, unknown>[]
    >(),
    claims: text('claims', { mode: 'json' }).$type<RequestedClaims>(),
    codeHash: text('code_hash').notNull().unique(),
    /** 0 until the code is redeemed. */
    generation: integer('generation').notNull(),
    authTime: integer('auth_time'),
    amr: text('amr', { mode: 'json' }).$type<string[]>().notNull(),
    acr: text('acr'),
    approvedAt: integer('approved_at').notNull(),
    /** When a person last said yes to this; earlier than the approval where that was remembered. */
    consentedAt: integer('consented_at').notNull(),
    issuedAt: integer('issued_at'),
    /** When the person last took some of it back. */
    narrowedAt: integer('narrowed_at'),
    /** When it is over if nothing more happens: its code's or its newest refresh token's end. */
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    // With what the order of a person's apps needs, so that it is found without their rows.
    index('grants_v1_user').on(table.userId, table.clientId, table.approvedAt, table.grantId),
    index('grants_v1_client').on(table.clientId),
    index('grants_v1_expires').on(table.expiresAt),
    index('grants_v1_narrowed').on(table.userId, table.clientId).where(isNotNull(table.narrowedAt)),
  ],
)

export const accessTokens = sqliteTable(
  'access_tokens_v1',
  {
    tokenHash: text('token_hash').primaryKey(),
    grantId: text('grant_id').notNull(),
    resource: text('resource').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<string[]>().notNull(),
    details: text('details', { mode: 'json' }).$type<number[]>(),
    confirmation: text('confirmation', { mode: 'json' }).$type<Confirmation>(),
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

/** Codes and tokens that open nothing any more, so that whoever brings one can be told why. */
export const endedTokens = sqliteTable(
  'ended_tokens_v1',
  {
    tokenHash: text('token_hash').primaryKey(),
    grantId: text('grant_id').notNull(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    forgetAt: integer('forget_at').notNull(),
  },
  (table) => [index('ended_tokens_v1_forget').on(table.forgetAt)],
)

export type Grant = typeof grants.$inferSelect

interface Issued extends TokenPair {
  readonly grantId: string
  readonly at: number
}

function issue({ grantId, generation, resource, scopes, at, ...issued }: Issued): Statement[] {
  const { confirmation, refreshExpiresAt } = issued
  return [
    update(grants, { generation, issuedAt: at, expiresAt: refreshExpiresAt }, { grantId }),
    insert(accessTokens, {
      tokenHash: issued.accessTokenHash,
      grantId,
      resource,
      scopes,
      details: issued.details ?? null,
      confirmation: confirmation ?? null,
      issuedAt: at,
      expiresAt: issued.accessExpiresAt,
    }),
    insert(refreshTokens, {
      tokenHash: issued.refreshTokenHash,
      grantId,
      generation,
      issuedAt: at,
      expiresAt: refreshExpiresAt,
    }),
  ]
}

/** How long the end of a grant is explained to whoever comes with one of its tokens. */
const endedKeptMs = 30 * 24 * 60 * 60 * 1000

/** Its code and its two newest refresh tokens; older explanations go at the same time. */
function keepEnded(grantId: string, at: number): Statement[] {
  const forgetAt = at + endedKeptMs
  const into = `INSERT INTO "ended_tokens_v1"
    ("token_hash", "grant_id", "user_id", "client_id", "forget_at")`
  return [
    { sql: 'DELETE FROM "ended_tokens_v1" WHERE "forget_at" <= ?', args: [at] },
    {
      sql: `${into} SELECT "code_hash", "grant_id", "user_id", "client_id", ? FROM "grants_v1"
        WHERE "grant_id" = ? ON CONFLICT DO NOTHING`,
      args: [forgetAt, grantId],
    },
    {
      sql: `${into} SELECT t."token_hash", g."grant_id", g."user_id", g."client_id", ?
        FROM "refresh_tokens_v1" t JOIN "grants_v1" g ON g."grant_id" = t."grant_id"
        WHERE t."grant_id" = ? AND t."generation" >= g."generation" - 1 ON CONFLICT DO NOTHING`,
      args: [forgetAt, grantId],
    },
  ]
}

/** They are good for nobody, and a few may lie about: it costs two statements. */
const rotationsPerSweep = 8

function dropExpired({ grantId, generation, at }: Issued): Statement[] {
  if (generation % rotationsPerSweep !== 0) return []
  return ['access_tokens_v1', 'refresh_tokens_v1'].map((table) => {
    const sql = `DELETE FROM "${table}" WHERE "grant_id" = ? AND "expires_at" <= ?`
    return { sql, args: [grantId, at], dropsEnded: true }
  })
}

export const grantsProjection = defineProjection(
  'grants_v1',
  [grants, accessTokens, refreshTokens, endedTokens],
  [
    on(GrantApproved, (approved) => [
      insert(grants, {
        grantId: approved.grantId,
        userId: approved.userId,
        clientId: approved.clientId,
        access: approved.access,
        authorizationDetails: approved.authorizationDetails ?? null,
        claims: approved.claims ?? null,
        codeHash: approved.codeHash,
        generation: 0,
        authTime: approved.authTime ?? null,
        amr: approved.amr,
        acr: approved.acr ?? null,
        approvedAt: approved.at,
        consentedAt: approved.remembered?.consentedAt ?? approved.at,
        expiresAt: approved.codeExpiresAt,
      }),
    ]),
    on(CodeRedeemed, issue),
    on(RefreshTokenRotated, (rotated) => [...dropExpired(rotated), ...issue(rotated)]),
    on(AccessTokenRevoked, ({ tokenHash }) => [remove(accessTokens, { tokenHash })]),
    on(RefreshTokenRevoked, ({ grantId, at }) => [
      ...keepEnded(grantId, at),
      remove(refreshTokens, { grantId }),
    ]),
    on(GrantNarrowed, ({ grantId, access, at }) => [
      update(grants, { access, narrowedAt: at }, { grantId }),
      ...narrowTokens('access_tokens_v1', { grantId, access }),
    ]),
    on(GrantEnded, ({ grantId, at }) => [
      ...keepEnded(grantId, at),
      remove(accessTokens, { grantId }),
      remove(refreshTokens, { grantId }),
      remove(grants, { grantId }),
    ]),
  ],
)

export function findGrantsOf(reader: Reader, userId: string): Promise<Grant[]> {
  return findAll(reader, grants, { userId })
}

/** Ids of those who have a grant for this client. */
export async function findUsersOfClient(
  reader: Reader,
  { clientId, rowsMax }: { clientId: string; rowsMax: number },
): Promise<string[]> {
  const sql = `SELECT DISTINCT "user_id" FROM "grants_v1" WHERE "client_id" = ? LIMIT ?`
  return (await reader.all({ sql, args: [clientId, rowsMax] })).map((row) => String(row.user_id))
}

/** Whose a code or refresh token is, or was until its grant ended. */
export interface TokenOwner {
  readonly grantId: string
  readonly userId: string
  readonly clientId: string
  /** Of a grant that is live, where it has some. */
  readonly authorizationDetails?: Record<string, unknown>[] | null
}

export async function findOwnerOfCode(
  reader: Reader,
  codeHash: string,
): Promise<TokenOwner | undefined> {
  return (
    (await findOne(reader, grants, { codeHash })) ??
    (await findOne(reader, endedTokens, { tokenHash: codeHash }))
  )
}

export async function findOwnerOfRefreshToken(
  reader: Reader,
  tokenHash: string,
): Promise<TokenOwner | undefined> {
  const sql = `SELECT g."grant_id", g."user_id", g."client_id", g."authorization_details"
    FROM "refresh_tokens_v1" t JOIN "grants_v1" g ON g."grant_id" = t."grant_id"
    WHERE t."token_hash" = ?`
  const raw = await reader.get({ sql, args: [tokenHash], namesItsRows: true })
  return raw ? ownerOf(raw) : findOne(reader, endedTokens, { tokenHash })
}

function ownerOf(raw: Record<string, SqlValue>): TokenOwner {
  const { authorization_details: details } = raw
  return {
    grantId: String(raw.grant_id),
    userId: String(raw.user_id),
    clientId: String(raw.client_id),
    authorizationDetails: details === null ? null : JSON.parse(String(details)),
  }
}

export function findGrant(reader: Reader, grantId: string): Promise<Grant | undefined> {
  return findOne(reader, grants, { grantId })
}
