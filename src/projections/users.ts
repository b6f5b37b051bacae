/** Accounts as they are now. The unique key on the address is what makes an address belong to one. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  UserAdminSet,
  UserDeleted,
  UserDisabled,
  UserEmailChanged,
  UserEmailVerified,
  UserEnabled,
  UserGroupsSet,
  UserPasswordChanged,
  UserPermissionsSet,
  UserRegistered,
  UserRenamed,
} from '../domain/user-events.ts'
import { defineProjection, on } from './projection.ts'
import { findOne, insert, type Reader, remove, update } from './statement.ts'

export const users = sqliteTable(
  'users_v1',
  {
    userId: text('user_id').primaryKey(),
    emailKey: text('email_key').unique(),
    /** Null where there is none, or the person's key has been erased. */
    email: text('email'),
    /** Null until the person has proved that the address is theirs, or an operator has said so. */
    emailVerifiedAt: integer('email_verified_at'),
    name: text('name'),
    admin: integer('admin', { mode: 'boolean' }).notNull(),
    status: text('status', { enum: ['active', 'disabled'] }).notNull(),
    passwordSecretId: text('password_secret_id'),
    groups: text('groups', { mode: 'json' }).$type<string[]>().notNull(),
    permissions: text('permissions', { mode: 'json' }).$type<string[]>().notNull(),
    registeredAt: integer('registered_at').notNull(),
    /** When what can be told about the person last changed. */
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    // Who may administer is asked at each start, and not of everybody.
    index('users_v1_admins').on(table.userId).where(sql`"admin" = 1`),
    index('users_v1_disabled').on(table.userId).where(sql`"status" = 'disabled'`),
  ],
)

export type User = typeof users.$inferSelect

export const usersProjection = defineProjection(
  'users_v1',
  [users],
  [
    on(UserRegistered, ({ at, emailVerified, emailKey, email, passwordSecretId, ...user }) => [
      insert(users, {
        ...user,
        emailKey: emailKey ?? null,
        email: email ?? null,
        emailVerifiedAt: emailVerified ? at : null,
        passwordSecretId: passwordSecretId ?? null,
        status: 'active',
        groups: [],
        permissions: [],
        registeredAt: at,
        updatedAt: at,
      }),
    ]),
    on(UserEmailChanged, ({ userId, emailKey, email, emailVerified, at }) => [
      update(
        users,
        { emailKey, email, emailVerifiedAt: emailVerified ? at : null, updatedAt: at },
        { userId },
      ),
    ]),
    on(UserEmailVerified, ({ userId, at }) => [
      update(users, { emailVerifiedAt: at, updatedAt: at }, { userId }),
    ]),
    on(UserRenamed, ({ userId, name, at }) => [update(users, { name, updatedAt: at }, { userId })]),
    on(UserPasswordChanged, ({ userId, passwordSecretId }) => [
      update(users, { passwordSecretId }, { userId }),
    ]),
    on(UserPermissionsSet, ({ userId, permissions, at }) => [
      update(users, { permissions, updatedAt: at }, { userId }),
    ]),
    on(UserDisabled, ({ userId }) => [update(users, { status: 'disabled' }, { userId })]),
    on(UserAdminSet, ({ userId, admin }) => [update(users, { admin }, { userId })]),
    on(UserGroupsSet, ({ userId, groups }) => [update(users, { groups }, { userId })]),
    on(UserEnabled, ({ userId }) => [update(users, { status: 'active' }, { userId })]),
    on(UserDeleted, ({ userId }) => [remove(users, { userId })]),
  ],
)

export function findUser(reader: Reader, userId: string): Promise<User | undefined> {
  return findOne(reader, users, { userId })
}

export function findUserByEmailKey(reader: Reader, emailKey: string): Promise<User | undefined> {
  return findOne(reader, users, { emailKey })
}

/** True while somebody else may administer this server too. */
export async function hasOtherAdmin(reader: Reader, userId: string): Promise<boolean> {
  const sql = `SELECT 1 AS "found" FROM "users_v1"
    WHERE "admin" = 1 AND "status" = 'active' AND "user_id" <> ? LIMIT 1`
  return (await reader.get({ sql, args: [userId] })) !== undefined
}

/** True once there is anybody who may administer this server. */
export async function hasAdmin(reader: Reader): Promise<boolean> {
  const sql = 'SELECT 1 AS "found" FROM "users_v1" WHERE "admin" = 1 LIMIT 1'
  return (await reader.get({ sql, args: [] })) !== undefined
}

/** An administrator who can sign in, beside this one. */
export async function findOtherAdmin(reader: Reader, userId: string): Promise<string | undefined> {
  const sql = `SELECT "user_id" FROM "users_v1"
    WHERE "admin" = 1 AND "status" = 'active' AND "user_id" <> ? LIMIT 1`
  const raw = await reader.get({ sql, args: [userId] })
  return raw && String(raw.user_id)
}
