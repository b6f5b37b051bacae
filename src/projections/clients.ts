/** Clients that somebody has consented to, or that an operator has added. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  ClientDeleted,
  ClientDisabled,
  ClientEnabled,
  type ClientMetadata,
  ClientMetadataChanged,
  ClientRegistered,
} from '../domain/client.ts'
import { defineProjection, on } from './projection.ts'
import { findOne, insert, type Reader, remove, update } from './statement.ts'

export const clients = sqliteTable(
  'clients_v1',
  {
    clientId: text('client_id').primaryKey(),
    status: text('status', { enum: ['active', 'disabled'] }).notNull(),
    registeredVia: text('registered_via', { enum: ['dynamic', 'preregistered'] }).notNull(),
    metadata: text('metadata', { mode: 'json' }).$type<ClientMetadata>().notNull(),
    contacts: text('contacts', { mode: 'json' }).$type<string[]>(),
    secretHash: text('secret_hash'),
    managementHash: text('management_hash'),
    registeredAt: integer('registered_at').notNull(),
  },
  (table) => [index('clients_v1_registered').on(table.registeredAt)],
)

export type Client = typeof clients.$inferSelect

export const clientsProjection = defineProjection(
  'clients_v1',
  [clients],
  [
    on(ClientRegistered, ({ at, ...client }) => [
      insert(clients, { ...client, status: 'active', registeredAt: at }),
    ]),
    on(ClientMetadataChanged, ({ clientId, metadata, contacts }) => [
      update(clients, { metadata, contacts }, { clientId }),
    ]),
    on(ClientDisabled, ({ clientId }) => [update(clients, { status: 'disabled' }, { clientId })]),
    on(ClientEnabled, ({ clientId }) => [update(clients, { status: 'active' }, { clientId })]),
    on(ClientDeleted, ({ clientId }) => [remove(clients, { clientId })]),
  ],
)

export function findClient(reader: Reader, clientId: string): Promise<Client | undefined> {
  return findOne(reader, clients, { clientId })
}
