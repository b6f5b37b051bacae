/**
 * Grants that are good now; their tokens stand in grant-tokens.ts. A grant that ended has no row
 * here: what it was is in the log.
 */
import { isNotNull } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Access } from '../domain/access.ts'
import {
  GrantApproved,
  GrantEnded,
  GrantNarrowed,
  type RequestedClaims,
} from '../domain/grant-events.ts'
import { endOfGrant, issuedAtOfGrant } from './grant-tokens.ts'
import { defineProjection, on } from './projection.ts'
import { findAll, findOne, insert, type Reader, remove, update } from './statement.ts'

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
    codeHash: text('code_hash').notNull(),
    codeExpiresAt: integer('code_expires_at').notNull(),
    authTime: integer('auth_time'),
    amr: text('amr', { mode: 'json' }).$type<string[]>().notNull(),
    acr: text('acr'),
    approvedAt: integer('approved_at').notNull(),
    /** When a person last said yes to this; earlier than the approval where that was remembered. */
    consentedAt: integer('consented_at').notNull(),
    /** When the person last took some of it back. */
    narrowedAt: integer('narrowed_at'),
  },
  (table) => [
    // With what the order of a person's apps needs, so that it is found without their rows.
    index('grants_v1_user').on(table.userId, table.clientId, table.approvedAt, table.grantId),
    index('grants_v1_client').on(table.clientId),
    index('grants_v1_narrowed').on(table.userId, table.clientId).where(isNotNull(table.narrowedAt)),
  ],
)

export type Grant = typeof grants.$inferSelect

export const grantsProjection = defineProjection(
  'grants_v1',
  [grants],
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
        codeExpiresAt: approved.codeExpiresAt,
        authTime: approved.authTime ?? null,
        amr: approved.amr,
        acr: approved.acr ?? null,
        approvedAt: approved.at,
        consentedAt: approved.remembered?.consentedAt ?? approved.at,
      }),
    ]),
    on(GrantNarrowed, ({ grantId, access, at }) => [
      update(grants, { access, narrowedAt: at }, { grantId }),
    ]),
    on(GrantEnded, ({ grantId }) => [remove(grants, { grantId })]),
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

export function findGrant(reader: Reader, grantId: string): Promise<Grant | undefined> {
  return findOne(reader, grants, { grantId })
}

/** When its tokens were last issued, and when it is over if nothing more happens. */
export interface GrantTimes {
  readonly issuedAt: number | undefined
  readonly expiresAt: number
}

export async function findGrantTimes(
  reader: Reader,
  grantId: string,
): Promise<GrantTimes | undefined> {
  const sql = `SELECT ${issuedAtOfGrant} AS "issued_at", ${endOfGrant} AS "expires_at"
    FROM "grants_v1" g WHERE g."grant_id" = ?`
  const raw = await reader.get({ sql, args: [grantId] })
  if (!raw) return undefined
  const issuedAt = raw.issued_at === null ? undefined : Number(raw.issued_at)
  return { issuedAt, expiresAt: Number(raw.expires_at) }
}
