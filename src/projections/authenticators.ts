/** What people prove with beside a password, as it is now. When it was last used is observed elsewhere. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  PasskeyAdded,
  PasskeyRemoved,
  RecoveryCodesMade,
  RecoveryCodeUsed,
  SecondFactorReset,
  TotpDisabled,
  TotpEnabled,
} from '../domain/authenticators.ts'
import { UserDeleted } from '../domain/user-events.ts'
import { defineProjection, on } from './projection.ts'
import { findAll, findOne, insert, type Reader, remove } from './statement.ts'

export const passkeys = sqliteTable(
  'passkeys_v1',
  {
    credentialId: text('credential_id').primaryKey(),
    userId: text('user_id').notNull(),
    publicKeyCose: text('public_key_cose').notNull(),
    transports: text('transports', { mode: 'json' }).$type<string[]>().notNull(),
    synced: integer('synced', { mode: 'boolean' }).notNull(),
    name: text('name'),
    addedAt: integer('added_at').notNull(),
  },
  (table) => [index('passkeys_v1_user').on(table.userId)],
)

/** One row for each person whose sign-in takes a code. */
export const totps = sqliteTable('totps_v1', {
  userId: text('user_id').primaryKey(),
  totpSecretId: text('totp_secret_id').notNull(),
  enabledAt: integer('enabled_at').notNull(),
})

/** Recovery codes that have not been used. */
export const recoveryCodes = sqliteTable(
  'recovery_codes_v1',
  { codeKey: text('code_key').primaryKey(), userId: text('user_id').notNull() },
  (table) => [index('recovery_codes_v1_user').on(table.userId)],
)

export type Passkey = typeof passkeys.$inferSelect
export type Totp = typeof totps.$inferSelect

export const authenticatorsProjection = defineProjection(
  'authenticators_v1',
  [passkeys, totps, recoveryCodes],
  [
    on(PasskeyAdded, ({ at, ...passkey }) => [insert(passkeys, { ...passkey, addedAt: at })]),
    on(PasskeyRemoved, ({ credentialId }) => [remove(passkeys, { credentialId })]),
    on(TotpEnabled, ({ at, ...totp }) => [insert(totps, { ...totp, enabledAt: at })]),
    on(TotpDisabled, ({ userId }) => [
      remove(totps, { userId }),
      remove(recoveryCodes, { userId }),
    ]),
    on(RecoveryCodesMade, ({ userId, codeKeys }) => [
      remove(recoveryCodes, { userId }),
      ...codeKeys.map((codeKey) => insert(recoveryCodes, { codeKey, userId })),
    ]),
    on(RecoveryCodeUsed, ({ codeKey }) => [remove(recoveryCodes, { codeKey })]),
    on(SecondFactorReset, ({ userId }) => removeAllOf(userId)),
    on(UserDeleted, ({ userId }) => removeAllOf(userId)),
  ],
)

function removeAllOf(userId: string) {
  return [
    remove(passkeys, { userId }),
    remove(totps, { userId }),
    remove(recoveryCodes, { userId }),
  ]
}

export function findPasskey(reader: Reader, credentialId: string): Promise<Passkey | undefined> {
  return findOne(reader, passkeys, { credentialId })
}

export function findPasskeysOf(reader: Reader, userId: string): Promise<Passkey[]> {
  return findAll(reader, passkeys, { userId })
}

export function findTotp(reader: Reader, userId: string): Promise<Totp | undefined> {
  return findOne(reader, totps, { userId })
}

export async function countRecoveryCodes(reader: Reader, userId: string): Promise<number> {
  return (await findAll(reader, recoveryCodes, { userId })).length
}
