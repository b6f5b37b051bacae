/**
 * The read models as lists for administrators: newest first, searched, in pages. A page goes on
 * after the last key of the one before, so that rows which come and go meanwhile neither repeat
 * nor skip one. Ids of ours sort by time; clients bring ids of their own, and go by when they came.
 */
import { type Agent, agents } from './agents.ts'
import { type Client, clients } from './clients.ts'
import type { Reader, SqlValue } from './statement.ts'
import { rowOf } from './statement.ts'
import { type User, users } from './users.ts'

export type ListKey = readonly (string | number)[]

export interface ListAsked {
  /** Part of an id, a name or an address. */
  readonly search?: string | undefined
  readonly userId?: string | undefined
  readonly clientId?: string | undefined
  readonly tokenHash?: string | undefined
  readonly after?: ListKey | undefined
  readonly rowsMax: number
}

export interface ListPage<T> {
  readonly rows: readonly T[]
  /** Of the last row; absent when there is no more. */
  readonly next?: ListKey
}

type Raw = Record<string, SqlValue>

interface ListQuery {
  /** What is selected, from where. */
  readonly from: string
  readonly fromArgs?: readonly SqlValue[]
  readonly key: readonly string[]
  readonly searched: readonly string[]
  /** Columns that are asked for by their whole value. */
  readonly user?: string
  readonly client?: string
  readonly token?: string
}

async function list<T>(
  reader: Reader,
  query: ListQuery,
  { asked, read }: { asked: ListAsked; read: (raw: Raw) => { row: T; key: ListKey } },
): Promise<ListPage<T>> {
  const conditions: string[] = []
  const args: SqlValue[] = [...(query.fromArgs ?? [])]
  if (asked.search) {
    const found = query.searched.map((column) => `instr(lower(${column}), ?) > 0`)
    conditions.push(`(${found.join(' OR ')})`)
    args.push(...query.searched.map(() => asked.search?.toLowerCase() ?? ''))
  }
  for (const [column, value] of [
    [query.user, asked.userId],
    [query.client, asked.clientId],
    [query.token, asked.tokenHash],
  ]) {
    if (column === undefined || value === undefined) continue
    conditions.push(`${column} = ?`)
    args.push(value)
  }
  if (asked.after?.length === query.key.length) {
    conditions.push(`(${query.key.join(', ')}) < (${query.key.map(() => '?').join(', ')})`)
    args.push(...asked.after)
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  const order = query.key.map((column) => `${column} DESC`).join(', ')
  const sql = `${query.from} ${where} ORDER BY ${order} LIMIT ?`
  const raw = await reader.all({ sql, args: [...args, asked.rowsMax + 1] })
  const found = raw.slice(0, asked.rowsMax).map(read)
  const last = raw.length > asked.rowsMax ? found.at(-1) : undefined
  return { rows: found.map(({ row }) => row), ...(last && { next: last.key }) }
}

/** Those that hibernate have no row, and are not among them. */
export function listClients(reader: Reader, asked: ListAsked): Promise<ListPage<Client>> {
  const query = {
    from: 'SELECT * FROM "clients_v1"',
    key: ['"registered_at"', '"client_id"'],
    searched: ['"client_id"', `"metadata" ->> '$.clientName'`, `"metadata" ->> '$.redirectUris'`],
  }
  return list(reader, query, {
    asked,
    read: (raw) => {
      const row = rowOf(clients, raw)
      return { row, key: [row.registeredAt, row.clientId] }
    },
  })
}

export function listUsers(reader: Reader, asked: ListAsked): Promise<ListPage<User>> {
  const query = {
    from: 'SELECT * FROM "users_v1"',
    key: ['"user_id"'],
    searched: ['"user_id"', '"email"', '"name"', '"groups"'],
  }
  return list(reader, query, {
    asked,
    read: (raw) => ({ row: rowOf(users, raw), key: [String(raw.user_id)] }),
  })
}

/** Those that the log knows; registrations that wait are not among them. */
export function listAgents(reader: Reader, asked: ListAsked): Promise<ListPage<Agent>> {
  const query = {
    from: 'SELECT * FROM "agents_v1"',
    key: ['"agent_id"'],
    searched: ['"agent_id"', '"handle"', '"model_name"', '"owner_email"', '"owner_id"'],
    user: '"owner_id"',
  }
  return list(reader, query, {
    asked,
    read: (raw) => ({ row: rowOf(agents, raw), key: [String(raw.agent_id)] }),
  })
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

const names = `u."name" AS "user_name", u."email", c."metadata" ->> '$.clientName' AS "client_name"`
const searchedNames = ['u."email"', 'u."name"', `c."metadata" ->> '$.clientName'`]

function named(raw: Raw): Named {
  return { userId: text(raw.user_id), userName: text(raw.user_name), email: text(raw.email) }
}

function text(value: SqlValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value)
}

export function listGrants(reader: Reader, asked: ListAsked): Promise<ListPage<ListedGrant>> {
  const query = {
    from: `SELECT g."grant_id", g."user_id", g."client_id", g."approved_at", g."expires_at", ${names}
      FROM "grants_v1" g LEFT JOIN "users_v1" u ON u."user_id" = g."user_id"
      LEFT JOIN "clients_v1" c ON c."client_id" = g."client_id"`,
    key: ['g."grant_id"'],
    searched: ['g."grant_id"', 'g."user_id"', 'g."client_id"', ...searchedNames],
    user: 'g."user_id"',
    client: 'g."client_id"',
  }
  const read = (raw: Raw) => {
    const grantId = String(raw.grant_id)
    const row = {
      ...named(raw),
      grantId,
      clientId: String(raw.client_id),
      clientName: text(raw.client_name) ?? '',
      approvedAt: Number(raw.approved_at),
      expiresAt: Number(raw.expires_at),
    }
    return { row, key: [grantId] }
  }
  return list(reader, query, { asked, read })
}

export interface ListedToken extends Named {
  readonly tokenHash: string
  /** The grant, the issuance of a token that comes from no code, or the API token itself. */
  readonly sourceId: string
  /** Absent where it is an API token: its person's own. */
  readonly clientId: string | undefined
  readonly clientName: string
  /** Of an API token. */
  readonly name: string | undefined
  readonly resource: string
  readonly scopes: readonly string[]
  readonly issuedAt: number
  /** Absent where it has no end. */
  readonly expiresAt: number | undefined
}

/** Access tokens and API tokens that have not expired; those of one grant stand together. */
export function listTokens(
  reader: Reader,
  { now, ...asked }: ListAsked & { readonly now: number },
): Promise<ListPage<ListedToken>> {
  const query = {
    from: `SELECT t.*, ${names} FROM (
        SELECT a."token_hash", a."grant_id" AS "source_id", g."user_id", g."client_id", a."resource",
          a."scopes", a."issued_at", a."expires_at", NULL AS "token_name"
        FROM "access_tokens_v1" a JOIN "grants_v1" g ON g."grant_id" = a."grant_id"
        WHERE a."expires_at" > ?
        UNION ALL
        SELECT "token_hash", "issuance_id", "user_id", "client_id", "resource",
          "scopes", "issued_at", "expires_at", NULL
        FROM "issued_tokens_v1" WHERE "expires_at" > ?
        UNION ALL
        SELECT "token_hash", "api_token_id", "user_id", NULL, "resource",
          "scopes", coalesce("regenerated_at", "created_at"), "expires_at", "name"
        FROM "api_tokens_v1"
        WHERE "token_hash" IS NOT NULL AND ("expires_at" IS NULL OR "expires_at" > ?)) t
      LEFT JOIN "users_v1" u ON u."user_id" = t."user_id"
      LEFT JOIN "clients_v1" c ON c."client_id" = t."client_id"`,
    fromArgs: [now, now, now],
    key: ['t."source_id"', 't."token_hash"'],
    searched: [
      't."source_id"',
      't."user_id"',
      't."client_id"',
      't."resource"',
      't."token_name"',
      ...searchedNames,
    ],
    user: 't."user_id"',
    client: 't."client_id"',
    token: 't."token_hash"',
  }
  const read = (raw: Raw) => {
    const [sourceId, tokenHash] = [String(raw.source_id), String(raw.token_hash)]
    const row = {
      ...named(raw),
      tokenHash,
      sourceId,
      clientId: text(raw.client_id),
      clientName: text(raw.client_name) ?? '',
      name: text(raw.token_name),
      resource: String(raw.resource),
      scopes: JSON.parse(String(raw.scopes)) as string[],
      issuedAt: Number(raw.issued_at),
      expiresAt: raw.expires_at === null ? undefined : Number(raw.expires_at),
    }
    return { row, key: [sourceId, tokenHash] }
  }
  return list(reader, query, { asked, read })
}

/** The token while it has not expired. */
export async function findListedToken(
  reader: Reader,
  { tokenHash, now }: { tokenHash: string; now: number },
): Promise<ListedToken | undefined> {
  return (await listTokens(reader, { tokenHash, now, rowsMax: 1 })).rows[0]
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
  const query = {
    from: `SELECT * FROM (SELECT s."session_id", s."user_id", s."user_agent", s."address",
        s."started_at", s."expires_at", u."name" AS "user_name", u."email"
        FROM "sessions_v1" s JOIN "users_v1" u ON u."user_id" = s."user_id" AND u."status" = 'active'
        WHERE s."expires_at" > ?)`,
    fromArgs: [now],
    key: ['"session_id"'],
    searched: ['"session_id"', '"user_id"', '"email"', '"user_name"', '"address"'],
    user: '"user_id"',
  }
  const read = (raw: Raw) => {
    const sessionId = String(raw.session_id)
    const row = {
      ...named(raw),
      sessionId,
      userAgent: text(raw.user_agent),
      address: text(raw.address),
      startedAt: Number(raw.started_at),
      expiresAt: Number(raw.expires_at),
    }
    return { row, key: [sessionId] }
  }
  return list(reader, query, { asked, read })
}
