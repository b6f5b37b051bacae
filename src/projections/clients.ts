/** Clients that somebody has consented to, or that an operator has added, and that do not hibernate. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  ClientDeleted,
  ClientDisabled,
  ClientEnabled,
  ClientHibernated,
  type ClientMetadata,
  ClientMetadataChanged,
  ClientRegistered,
  ClientSecretRotated,
  ClientWoken,
} from '../domain/client-events.ts'
import { GrantApproved } from '../domain/grant-events.ts'
import { AccessTokenIssued } from '../domain/issuance.ts'
import { find, number, type Raw } from './listing.ts'
import { defineProjection, on } from './projection.ts'
import { findOne, insert, type Reader, remove, rowOf, type Statement, update } from './statement.ts'

export const clients = sqliteTable(
  'clients_v1',
  {
    clientId: text('client_id').primaryKey(),
    status: text('status', { enum: ['active', 'disabled'] }).notNull(),
    registeredVia: text('registered_via', {
      enum: ['dynamic', 'preregistered', 'document'],
    }).notNull(),
    metadata: text('metadata', { mode: 'json' }).$type<ClientMetadata>().notNull(),
    contacts: text('contacts', { mode: 'json' }).$type<string[]>(),
    secretHash: text('secret_hash'),
    /** Good beside the other until its end. */
    previousSecretHash: text('previous_secret_hash'),
    previousSecretEndsAt: integer('previous_secret_ends_at'),
    managementHash: text('management_hash'),
    shared: integer('shared', { mode: 'boolean' }).notNull(),
    registeredAt: integer('registered_at').notNull(),
    /** When somebody last consented to it, or it got a token for itself; at first, when it came. */
    approvedAt: integer('approved_at').notNull(),
    /** A consent that was given before this is none to go by without asking again. */
    consentVoidedAt: integer('consent_voided_at'),
  },
  (table) => [
    index('clients_v1_registered').on(table.registeredAt),
    index('clients_v1_approved').on(table.approvedAt),
    index('clients_v1_disabled').on(table.clientId).where(sql`"status" = 'disabled'`),
  ],
)

export type Client = typeof clients.$inferSelect

const approvedStepMs = 60 * 60 * 1000

export const clientsProjection = defineProjection(
  'clients_v1',
  [clients],
  [
    on(ClientRegistered, ({ at, shared, ...client }) => [
      insert(clients, {
        ...client,
        shared: shared === true,
        status: 'active',
        registeredAt: at,
        approvedAt: at,
      }),
    ]),
    on(ClientMetadataChanged, ({ clientId, metadata, contacts, voidsConsents, at }) => {
      const voided = voidsConsents ? { consentVoidedAt: at } : {}
      return [update(clients, { metadata, contacts, ...voided }, { clientId })]
    }),
    on(ClientSecretRotated, (rotated) => [rotateSecret(rotated)]),
    on(ClientHibernated, ({ clientId }) => [remove(clients, { clientId })]),
    on(ClientWoken, ({ at, shared, ...client }) => [
      // It may still be here: one that nobody consented to for a long time is woken before it sleeps.
      remove(clients, { clientId: client.clientId }),
      insert(clients, {
        ...client,
        shared: shared === true,
        status: 'active',
        approvedAt: at,
        // The row that knew better is gone, and all other consents are old.
        consentVoidedAt: at,
      }),
    ]),
    on(GrantApproved, approved),
    on(AccessTokenIssued, approved),
    on(ClientDisabled, ({ clientId }) => [update(clients, { status: 'disabled' }, { clientId })]),
    on(ClientEnabled, ({ clientId }) => [update(clients, { status: 'active' }, { clientId })]),
    on(ClientDeleted, ({ clientId }) => [remove(clients, { clientId })]),
  ],
)

/** By the hour: a client is in use or sleeps for months, and every token would write its row. */
function approved({ clientId, at }: { clientId: string; at: number }): Statement[] {
  const sql = `UPDATE "clients_v1" SET "approved_at" = ? WHERE "client_id" = ?
    AND "approved_at" <= ? RETURNING "client_id"`
  return [{ sql, args: [at, clientId, at - approvedStepMs] }]
}

function rotateSecret(rotated: {
  clientId: string
  secretHash: string
  previousEndsAt: number
}): Statement {
  const sql = `UPDATE "clients_v1" SET "previous_secret_hash" = "secret_hash",
    "previous_secret_ends_at" = ?, "secret_hash" = ? WHERE "client_id" = ?`
  return { sql, args: [rotated.previousEndsAt, rotated.secretHash, rotated.clientId] }
}

export function findClient(reader: Reader, clientId: string): Promise<Client | undefined> {
  return findOne(reader, clients, { clientId })
}

const unused = `c."registered_via" = 'dynamic' AND c."status" = 'active'
  AND NOT EXISTS (SELECT 1 FROM "grants_v1" g WHERE g."client_id" = c."client_id")`

/**
 * Clients that registered themselves, hold no grant, and that nobody consented to since then; those
 * that have only just come to that first.
 */
export function findIdleClients(
  reader: Reader,
  { since, rowsMax }: { since: number; rowsMax: number },
): Promise<string[]> {
  const listing = {
    ...{ columns: 'c."client_id"', from: '"clients_v1" c', joins: '' },
    indexed: [['c."approved_at" <= ?', since] as const],
    along: [number('c."approved_at"'), number('c."rowid"')],
    conditions: [[unused] as const],
    read: (raw: Raw) => String(raw.client_id),
  }
  return find(reader, listing, { rowsMax })
}

export async function isIdle(
  reader: Reader,
  { clientId, since }: { clientId: string; since: number },
): Promise<boolean> {
  const sql = `SELECT 1 AS "idle" FROM "clients_v1" c
    WHERE c."approved_at" <= ? AND ${unused} AND c."client_id" = ?`
  return (await reader.get({ sql, args: [since, clientId] })) !== undefined
}

export async function findNewestClients(
  reader: Reader,
  { rowsMax }: { rowsMax: number },
): Promise<Client[]> {
  const sql = 'SELECT * FROM "clients_v1" ORDER BY "registered_at" DESC, "client_id" DESC LIMIT ?'
  return (await reader.all({ sql, args: [rowsMax] })).map((row) => rowOf(clients, row))
}
