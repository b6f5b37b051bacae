/**
 * The read models as lists for administrators. Ids of ours sort by time; clients bring ids of their
 * own, and go by when they came. Of one person or one app they go in the order of the index that
 * knows those, in which rows without a name for it stand as they were written.
 */
import { type Agent, agents } from './agents.ts'
import { type Client, clients } from './clients.ts'
import { endOfGrant } from './grant-tokens.ts'
import {
  type Condition,
  type ListKey,
  type ListPage,
  list,
  number,
  type Raw,
  saysSomewhere,
  text,
  type Way,
} from './listing.ts'
import { type Reader, rowOf, type SqlValue } from './statement.ts'
import { type User, users } from './users.ts'

export interface ListAsked {
  /** Part of an id, a name or an address. */
  readonly search?: string | undefined
  readonly userId?: string | undefined
  readonly clientId?: string | undefined
  /** Of the one that is wanted. */
  readonly id?: string | undefined
  readonly after?: ListKey | undefined
  readonly rowsMax: number
}

/** The one that is named, or all of them, the newest first. */
function byKey(column: string, id: string | undefined): Way {
  return { indexed: id === undefined ? [] : [[`${column} = ?`, id]], along: [text(column)] }
}

/** All of one owner, by an index of owners alone. */
export function ofOwner(table: string, { column, id }: { column: string; id: string }): Way {
  return { indexed: [[`${table}.${column} = ?`, id]], along: [number(`${table}."rowid"`)] }
}

export function searching(columns: readonly string[], { search }: ListAsked): Condition[] {
  return search ? [saysSomewhere(columns, search)] : []
}

/** Those that hibernate have no row, and are not among them. */
export function listClients(reader: Reader, asked: ListAsked): Promise<ListPage<Client>> {
  const { clientId } = asked
  const newest = { indexed: [], along: [number('c."registered_at"'), number('c."rowid"')] }
  const names = ['c."client_id"', `c."metadata" ->> '$.clientName'`]
  const searched = [...names, `c."metadata" ->> '$.redirectUris'`]
  const listing = {
    ...{ columns: 'c.*', from: '"clients_v1" c', joins: '' },
    ...(clientId === undefined ? newest : byKey('c."client_id"', clientId)),
    conditions: searching(searched, asked),
    read: (raw: Raw) => rowOf(clients, raw),
  }
  return list(reader, listing, asked)
}

export function listUsers(reader: Reader, asked: ListAsked): Promise<ListPage<User>> {
  const searched = ['u."user_id"', 'u."email"', 'u."name"', 'u."groups"']
  const listing = {
    ...{ columns: 'u.*', from: '"users_v1" u', joins: '' },
    ...byKey('u."user_id"', asked.userId),
    conditions: searching(searched, asked),
    read: (raw: Raw) => rowOf(users, raw),
  }
  return list(reader, listing, asked)
}

/** Those that the log knows; registrations that wait are not among them. */
export function listAgents(reader: Reader, asked: ListAsked): Promise<ListPage<Agent>> {
  const { userId } = asked
  const names = ['a."agent_id"', 'a."handle"', 'a."model_name"']
  const searched = [...names, 'a."owner_email"', 'a."owner_id"']
  const listing = {
    ...{ columns: 'a.*', from: '"agents_v1" a', joins: '' },
    ...(userId === undefined
      ? byKey('a."agent_id"', asked.id)
      : ofOwner('a', { column: '"owner_id"', id: userId })),
    conditions: searching(searched, asked),
    read: (raw: Raw) => rowOf(agents, raw),
  }
  return list(reader, listing, asked)
}

/** Who and what, by name, as far as there is one. */
export interface Named {
  readonly userId: string | undefined
  readonly userName: string | undefined
  readonly email: string | undefined
}

export interface ListedGrant extends Named {
  readonly grantId: string
  readonly clientId: string
  readonly clientName: string
  readonly approvedAt: number
  readonly expiresAt: number
}

export const nameColumns = `u."name" AS "user_name", u."email", c."metadata" ->> '$.clientName' AS "client_name"`
export const searchedNames = ['u."email"', 'u."name"', `c."metadata" ->> '$.clientName'`]

/** @param table that has the columns of both ids */
export function joinNames(table: string): string {
  return `LEFT JOIN "users_v1" u ON u."user_id" = ${table}."user_id"
    LEFT JOIN "clients_v1" c ON c."client_id" = ${table}."client_id"`
}

export function named(raw: Raw): Named {
  return { userId: string(raw.user_id), userName: string(raw.user_name), email: string(raw.email) }
}

export function string(value: SqlValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value)
}

export function listGrants(reader: Reader, asked: ListAsked): Promise<ListPage<ListedGrant>> {
  const searched = ['g."grant_id"', 'g."user_id"', 'g."client_id"', ...searchedNames]
  const own = `g."grant_id", g."user_id", g."client_id", g."approved_at", ${endOfGrant} AS "expires_at"`
  const listing = {
    ...{ columns: `${own}, ${nameColumns}`, from: '"grants_v1" g', joins: joinNames('g') },
    ...wayOfGrants(asked),
    conditions: searching(searched, asked),
    read: (raw: Raw) => ({
      ...named(raw),
      grantId: String(raw.grant_id),
      clientId: String(raw.client_id),
      clientName: string(raw.client_name) ?? '',
      approvedAt: Number(raw.approved_at),
      expiresAt: Number(raw.expires_at),
    }),
  }
  return list(reader, listing, asked)
}

/** A person's app by app, as the index of people's apps has them. */
export function wayOfGrants({ userId, clientId, id }: Omit<ListAsked, 'rowsMax'>): Way {
  if (userId === undefined) {
    return clientId === undefined
      ? byKey('g."grant_id"', id)
      : ofOwner('g', { column: '"client_id"', id: clientId })
  }
  const newest = [number('g."approved_at"'), text('g."grant_id"')]
  const ofPerson: Condition = ['g."user_id" = ?', userId]
  return clientId === undefined
    ? { indexed: [ofPerson], along: [text('g."client_id"'), ...newest] }
    : { indexed: [ofPerson, ['g."client_id" = ?', clientId]], along: newest }
}

export interface ListedSession extends Named {
  readonly sessionId: string
  readonly userAgent: string | undefined
  readonly address: string | undefined
  readonly startedAt: number
  readonly expiresAt: number
}

/** Browsers that are signed in now. */
export function listSessions(
  reader: Reader,
  { now, ...asked }: ListAsked & { readonly now: number },
): Promise<ListPage<ListedSession>> {
  const { userId } = asked
  const searched = ['s."session_id"', 's."user_id"', 'u."email"', 'u."name"', 's."address"']
  const own = `s."session_id", s."user_id", s."user_agent", s."address", s."started_at", s."expires_at"`
  const listing = {
    columns: `${own}, u."name" AS "user_name", u."email"`,
    from: '"sessions_v1" s',
    joins: 'LEFT JOIN "users_v1" u ON u."user_id" = s."user_id"',
    ...(userId === undefined
      ? byKey('s."session_id"', asked.id)
      : ofOwner('s', { column: '"user_id"', id: userId })),
    conditions: [
      ['s."expires_at" > ?', now] as const,
      [`u."status" = 'active'`] as const,
      ...searching(searched, asked),
    ],
    read: (raw: Raw) => ({
      ...named(raw),
      sessionId: String(raw.session_id),
      userAgent: string(raw.user_agent),
      address: string(raw.address),
      startedAt: Number(raw.started_at),
      expiresAt: Number(raw.expires_at),
    }),
  }
  return list(reader, listing, asked)
}
