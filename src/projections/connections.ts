/** What a person has connected: their grants beside the clients that hold them. */
import type { Access } from '../domain/access.ts'
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
  c."status", g."access", g."approved_at", g."narrowed_at", g."issued_at", g."expires_at"`
const withClient = 'LEFT JOIN "clients_v1" c ON c."client_id" = g."client_id"'
const columns = `${selected} FROM "grants_v1" g ${withClient} WHERE g."user_id" = ?`

/** All of them, client by client; the client that was connected last stands first. */
export async function findConnections(reader: Reader, userId: string): Promise<ConnectionRow[]> {
  const sql = `SELECT ${columns} ORDER BY
    max(g."approved_at") OVER (PARTITION BY g."client_id") DESC,
    g."client_id", g."approved_at" DESC, g."grant_id"`
  return (await reader.all({ sql, args: [userId] })).map(connectionOf)
}

/** The same, of which only some are wanted: the order is found in an index, and no more is read. */
export async function findConnectionPage(
  reader: Reader,
  { userId, rowsMax, offset }: { userId: string; rowsMax: number; offset: number },
): Promise<ConnectionRow[]> {
  const sql = `WITH "page" AS (
      SELECT "grant_id", "client_id", "approved_at", max("approved_at")
        OVER (PARTITION BY "client_id") AS "newest"
      FROM "grants_v1" WHERE "user_id" = ?
      ORDER BY "newest" DESC, "client_id", "approved_at" DESC, "grant_id" LIMIT ? OFFSET ?)
    SELECT ${selected} FROM "page" p JOIN "grants_v1" g ON g."grant_id" = p."grant_id" ${withClient}
    ORDER BY p."newest" DESC, g."client_id", g."approved_at" DESC, g."grant_id"`
  return (await reader.all({ sql, args: [userId, rowsMax, offset] })).map(connectionOf)
}

export async function countConnections(reader: Reader, userId: string): Promise<number> {
  const sql = 'SELECT count(*) AS "connections" FROM "grants_v1" WHERE "user_id" = ?'
  return Number((await reader.get({ sql, args: [userId] }))?.connections)
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
