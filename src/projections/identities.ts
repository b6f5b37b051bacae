/** By which accounts with other services people sign in. An identity belongs to one person. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { IdentityLinked, IdentityUnlinked, UserDeleted } from '../domain/user-events.ts'
import { defineProjection, on } from './projection.ts'
import { findAll, findOne, insert, type Reader, remove } from './statement.ts'

export const identities = sqliteTable(
  'identities_v1',
  {
    identityKey: text('identity_key').primaryKey(),
    userId: text('user_id').notNull(),
    /** The id that it has in the settings; it may be there no more. */
    upstream: text('upstream').notNull(),
    /** Null once the person's key has been erased, as `label` is. */
    upstreamSubject: text('upstream_subject'),
    label: text('label'),
    linkedAt: integer('linked_at').notNull(),
  },
  (table) => [index('identities_v1_user').on(table.userId)],
)

export type Identity = typeof identities.$inferSelect

export const identitiesProjection = defineProjection(
  'identities_v1',
  [identities],
  [
    on(IdentityLinked, ({ at, ...identity }) => [
      insert(identities, { ...identity, linkedAt: at }),
    ]),
    on(IdentityUnlinked, ({ identityKey }) => [remove(identities, { identityKey })]),
    on(UserDeleted, ({ userId }) => [remove(identities, { userId })]),
  ],
)

export function findIdentity(reader: Reader, identityKey: string): Promise<Identity | undefined> {
  return findOne(reader, identities, { identityKey })
}

export function findIdentitiesOf(reader: Reader, userId: string): Promise<Identity[]> {
  return findAll(reader, identities, { userId })
}
