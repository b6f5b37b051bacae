/** By which clients a person will not be asked; they go with the account. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { BackChannelMuted, BackChannelUnmuted } from '../domain/back-channel.ts'
import { UserDeleted } from '../domain/user-events.ts'
import { defineProjection, on } from './projection.ts'
import { insert, type Reader, remove, rowOf } from './statement.ts'

export const mutedClients = sqliteTable(
  'muted_clients_v1',
  {
    channelId: text('channel_id').primaryKey(),
    userId: text('user_id').notNull(),
    clientId: text('client_id').notNull(),
    mutedAt: integer('muted_at').notNull(),
  },
  (table) => [index('muted_clients_v1_user').on(table.userId, table.mutedAt)],
)

export type MutedClient = typeof mutedClients.$inferSelect

export const mutedClientsProjection = defineProjection(
  'muted_clients_v1',
  [mutedClients],
  [
    on(BackChannelMuted, ({ channelId, userId, clientId, at: mutedAt }) => [
      insert(mutedClients, { channelId, userId, clientId, mutedAt }),
    ]),
    on(BackChannelUnmuted, ({ channelId }) => [remove(mutedClients, { channelId })]),
    on(UserDeleted, ({ userId }) => [remove(mutedClients, { userId })]),
  ],
)

/** The newest first. */
export async function findMutedClients(
  reader: Reader,
  { userId, rowsMax }: { userId: string; rowsMax: number },
): Promise<MutedClient[]> {
  const sql = `SELECT * FROM "muted_clients_v1" WHERE "user_id" = ?
    ORDER BY "muted_at" DESC, "channel_id" LIMIT ?`
  const rows = await reader.all({ sql, args: [userId, rowsMax] })
  return rows.map((raw) => rowOf(mutedClients, raw))
}
