/** Keys that sign, or that somebody may still need to check a signature. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  SigningKeyActivated,
  SigningKeyPublished,
  SigningKeyRetired,
  SigningKeyWithdrawn,
} from '../domain/signing-key.ts'
import { defineProjection, on } from './projection.ts'
import { findAll, insert, type Reader, remove, update } from './statement.ts'

export const signingKeys = sqliteTable('signing_keys_v1', {
  keyId: text('key_id').primaryKey(),
  algorithm: text('algorithm', { enum: ['ES256', 'RS256', 'EdDSA'] }).notNull(),
  status: text('status', { enum: ['published', 'active', 'retired'] }).notNull(),
  publicJwk: text('public_jwk', { mode: 'json' }).$type<Record<string, string>>().notNull(),
  secretId: text('secret_id').notNull(),
  publishedAt: integer('published_at').notNull(),
  changedAt: integer('changed_at').notNull(),
})

export type SigningKey = typeof signingKeys.$inferSelect

export const signingKeysProjection = defineProjection(
  'signing_keys_v1',
  [signingKeys],
  [
    on(SigningKeyPublished, ({ at, publicJwk, ...key }) => [
      insert(signingKeys, {
        ...key,
        publicJwk: publicJwk as Record<string, string>,
        status: 'published',
        publishedAt: at,
        changedAt: at,
      }),
    ]),
    on(SigningKeyActivated, ({ keyId, at }) => [
      update(signingKeys, { status: 'active', changedAt: at }, { keyId }),
    ]),
    on(SigningKeyRetired, ({ keyId, at }) => [
      update(signingKeys, { status: 'retired', changedAt: at }, { keyId }),
    ]),
    on(SigningKeyWithdrawn, ({ keyId }) => [remove(signingKeys, { keyId })]),
  ],
)

export function listSigningKeys(reader: Reader): Promise<SigningKey[]> {
  return findAll(reader, signingKeys, {})
}
