/** Whose codes and refresh tokens are, as far as their grants are good now. */
import { grantIdOf, type TokenRef } from '../domain/token-ref.ts'
import type { Reader, SqlValue, Statement } from './statement.ts'

/** Whose a code or refresh token is, or was until its grant ended. */
export interface TokenOwner {
  readonly grantId: string
  readonly userId: string
  readonly clientId: string
  /** Of a grant that is live, where it has some. */
  readonly authorizationDetails?: Record<string, unknown>[] | null
}

const owner = `SELECT g."grant_id", g."user_id", g."client_id", g."authorization_details"
  FROM "grants_v1" g`

export function findGrantOwner(reader: Reader, grantId: string): Promise<TokenOwner | undefined> {
  return find(reader, { sql: `${owner} WHERE g."grant_id" = ?`, args: [grantId] })
}

export function findOwnerOfCode(reader: Reader, ref: TokenRef): Promise<TokenOwner | undefined> {
  const sql = `${owner} WHERE g."grant_id" = ? AND g."code_hash" = ?`
  return find(reader, { sql, args: [grantIdOf(ref), ref.hash] })
}

/** While it is from one of the grant's newest two issues: older ones are swept away sometime. */
export function findOwnerOfRefreshToken(
  reader: Reader,
  ref: TokenRef,
): Promise<TokenOwner | undefined> {
  const sql = `${owner} JOIN "grant_tokens_v1" t ON t."grant_id" = g."grant_id"
    WHERE t."grant_id" = ? AND t."generation" = ? AND t."refresh_token_hash" = ?
    AND NOT EXISTS (SELECT 1 FROM "grant_tokens_v1" n
      WHERE n."grant_id" = t."grant_id" AND n."generation" > t."generation" + 1)`
  return find(reader, { sql, args: [grantIdOf(ref), ref.generation, ref.hash] })
}

async function find(reader: Reader, statement: Statement): Promise<TokenOwner | undefined> {
  const raw = await reader.get({ ...statement, namesItsRows: true })
  return raw && ownerOf(raw)
}

function ownerOf(raw: Record<string, SqlValue>): TokenOwner {
  const { authorization_details: details } = raw
  return {
    grantId: String(raw.grant_id),
    userId: String(raw.user_id),
    clientId: String(raw.client_id),
    authorizationDetails: details === null ? null : JSON.parse(String(details)),
  }
}
