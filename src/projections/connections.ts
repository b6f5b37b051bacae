/** What a person has connected: their grants beside the clients that hold them. */
import type { Access } from '../domain/access.ts'
import type { Count } from './counts.ts'
import { endOfGrant, issuedAtOfGrant } from './grant-tokens.ts'
import type { Reader, SqlValue } from './statement.ts'

export interface ConnectionRow {
  readonly grantId: string
  readonly clientId: string
  /** Empty where the client is not in the table any more. */
  readonly clientName: string
  readonly clientStatus: 'active' | 'disabled' | 'unknown'
  readonly access: Access[]
  readonly connectedAt: number
  readonly narrowedAt: number | undefined
  /** When tokens were last issued; none while the code waits to be redeemed. */
  readonly issuedAt: number | undefined
  readonly expiresAt: number
}

const selected = `g."grant_id", g."client_id", c."metadata" ->> '$.clientName' AS "client_name",
  c."status", g."access", g."approved_at", g."narrowed_at",
  ${issuedAtOfGrant} AS "issued_at", ${endOfGrant} AS "expires_at"`
const withClient = 'LEFT JOIN "clients_v1" c ON c."client_id" = g."client_id"'
const columns = `${selected} FROM "grants_v1" g ${withClient} WHERE g."user_id" = ?`

/**
 * Nobody has as many connections; a program that approves for itself may. Then those of the first
 * apps by id are looked at, and the others when some of these are gone.
 */
export const connectionsLookedAtMax = 5_000

const ofPerson = `SELECT "rowid", "grant_id", "client_id", "approved_at" FROM "grants_v1"
  WHERE "user_id" = ? ORDER BY "client_id" LIMIT ${connectionsLookedAtMax}`

/**
 * So many, client by client; the client that was connected last stands first. The order is found in
 * an index, and no more is read.
 */
export async function findConnectionPage(
  reader: Reader,
  { userId, rowsMax, offset }: { userId: string; rowsMax: number; offset: number },
): Promise<ConnectionRow[]> {
  const sql = `WITH "page" AS (
      SELECT "grant_id", "client_id", "approved_at", max("approved_at")
        OVER (PARTITION BY "client_id") AS "newest"
      FROM (${ofPerson}) ORDER BY "newest" DESC, "client_id", "approved_at" DESC, "grant_id" LIMIT ? OFFSET ?)
    SELECT ${selected} FROM "page" p JOIN "grants_v1" g ON g."grant_id" = p."grant_id" ${withClient}
    ORDER BY p."newest" DESC, g."client_id", g."approved_at" DESC, g."grant_id"`
  return (await reader.all({ sql, args: [userId, rowsMax, offset] })).map(connectionOf)
}

/** What a search looks at. */
export interface SearchedConnection {
  readonly grantId: string
  readonly clientId: string
  readonly clientName: string
  /** JSON text, which is the same for many. */
  readonly access: string
  readonly connectedAt: number
}

/** All of them in one row: to hand over a thousand rows takes longer than to find them. */
export async function findSearchedConnections(
  reader: Reader,
  userId: string,
): Promise<SearchedConnection[]> {
  const sql = `SELECT json_group_array(json_array(g."grant_id", g."client_id",
      c."metadata" ->> '$.clientName', g."access", g."approved_at")) AS "found"
    FROM (${ofPerson}) p CROSS JOIN "grants_v1" g ON g."rowid" = p."rowid" ${withClient}`
  const [row] = await reader.all({ sql, args: [userId] })
  const found: [string, string, string | null, string, number][] = JSON.parse(String(row?.found))
  return found.map(([grantId, clientId, clientName, access, connectedAt]) => ({
    ...{ grantId, clientId, access, connectedAt },
    clientName: clientName ?? '',
  }))
}

/** Those of these ids that are the person's, in the order of the ids. */
export async function findConnectionsAmong(
  reader: Reader,
  { userId, grantIds }: { userId: string; grantIds: readonly string[] },
): Promise<ConnectionRow[]> {
  const sql = `SELECT ${columns} AND g."grant_id" IN (SELECT "value" FROM json_each(?))`
  const rows = await reader.all({ sql, args: [userId, JSON.stringify(grantIds)] })
  const found = new Map(rows.map((raw) => [String(raw.grant_id), connectionOf(raw)]))
  return grantIds.flatMap((grantId) => found.get(grantId) ?? [])
}

/** How many there are of all apps or of one; one more than are looked at stands for more. */
export async function countConnections(
  reader: Reader,
  { userId, clientId }: { userId: string; clientId?: string },
): Promise<Count> {
  const ofClient = clientId === undefined ? '' : 'AND "client_id" = ?'
  const sql = `SELECT count(*) AS "connections" FROM (SELECT 1 FROM "grants_v1"
    WHERE "user_id" = ? ${ofClient} LIMIT ${connectionsLookedAtMax + 1})`
  const args = clientId === undefined ? [userId] : [userId, clientId]
  const found = Number((await reader.get({ sql, args }))?.connections)
  return { count: Math.min(found, connectionsLookedAtMax), isMore: found > connectionsLookedAtMax }
}

/** How many apps are connected, of the connections that are looked at. */
export async function countConnectedApps(reader: Reader, userId: string): Promise<Count> {
  const sql = `SELECT count(*) AS "connections", count(DISTINCT "client_id") AS "apps"
    FROM (${ofPerson})`
  const raw = await reader.get({ sql, args: [userId] })
  const isMore = Number(raw?.connections) === connectionsLookedAtMax
  return { count: Number(raw?.apps), isMore }
}

/** Ids of some: of one, of all of one app, or of all there are. */
export async function findConnectionIds(
  reader: Reader,
  asked: { userId: string; grantId?: string; clientId?: string; rowsMax: number },
): Promise<string[]> {
  const { userId, grantId, clientId, rowsMax } = asked
  const only = { '"grant_id"': grantId, '"client_id"': clientId }
  const named = Object.entries(only).flatMap(([column, id]) =>
    id === undefined ? [] : [{ column, id }],
  )
  const sql = `SELECT "grant_id" FROM "grants_v1" WHERE "user_id" = ?
    ${named.map(({ column }) => `AND ${column} = ?`).join(' ')} LIMIT ?`
  const rows = await reader.all({ sql, args: [userId, ...named.map(({ id }) => id), rowsMax] })
  return rows.map(({ grant_id }) => String(grant_id))
}

export async function findConnection(
  reader: Reader,
  { userId, grantId }: { userId: string; grantId: string },
): Promise<ConnectionRow | undefined> {
  const sql = `SELECT ${columns} AND g."grant_id" = ?`
  const raw = await reader.get({ sql, args: [userId, grantId] })
  return raw && connectionOf(raw)
}

function connectionOf(raw: Record<string, SqlValue>): ConnectionRow {
  const time = (value: SqlValue | undefined) => (value == null ? undefined : Number(value))
  return {
    grantId: String(raw.grant_id),
    clientId: String(raw.client_id),
    clientName: String(raw.client_name ?? ''),
    clientStatus: (raw.status ?? 'unknown') as ConnectionRow['clientStatus'],
    access: JSON.parse(String(raw.access)),
    connectedAt: Number(raw.approved_at),
    narrowedAt: time(raw.narrowed_at),
    issuedAt: time(raw.issued_at),
    expiresAt: Number(raw.expires_at),
  }
}
