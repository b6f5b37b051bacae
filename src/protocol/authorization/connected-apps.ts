/**
 * What a person has connected, and what they do about it: look at it, take some of it back, end
 * it. Whatever they do counts at once, for tokens that were issued before too.
 *
 *   granted ──narrow──▶ less of it ──revoke──▶ ended
 *
 * @see [RFC 9700 §4.14.2 - Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 */
import type { Access } from '../../domain/access.ts'
import type { Cause } from '../../domain/event-log.ts'
import { execute } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import {
  type ConnectionRow,
  countConnections,
  findConnection,
  findConnectionIds,
  findConnectionPage,
  findConnectionsAmong,
  findSearchedConnections,
  type SearchedConnection,
} from '../../projections/connections.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { findLastUse } from '../tokens/last-use.ts'

export const unusedMs = 90 * 24 * 60 * 60 * 1000
export const searchCharactersMax = 200
/** How many grants one append ends. */
const endedAtOnce = 100

export interface Connection extends ConnectionRow {
  /** `waiting`: the code was not redeemed yet. */
  readonly status: 'active' | 'waiting' | 'expired' | 'disabled'
  /** Coarse: see `last-use.ts`. Undefined where it never was. */
  readonly lastUsedAt: number | undefined
  /** Nobody has used it for 90 days. */
  readonly isUnused: boolean
}

export interface ConnectionPage {
  readonly connections: readonly Connection[]
  /** From 1; never beyond the last. */
  readonly page: number
  readonly pages: number
  /** How many match. */
  readonly total: number
  /** How many there are, whatever was searched for. */
  readonly all: number
  /** There are others, which are not looked at. */
  readonly isMore: boolean
}

interface Asked {
  readonly userId: string
  readonly search?: string
  readonly page?: number
  readonly rows: number
}

export async function listConnections(
  services: Services,
  { userId, search = '', page: wanted = 1, rows }: Asked,
): Promise<ConnectionPage> {
  const { reader } = services
  const isSearch = plain(search).trim() !== ''
  const every = isSearch ? await findSearchedConnections(reader, userId) : undefined
  const found = every && inOrder(matching(services, every, search), every)
  const { count: all, isMore } = await countConnections(reader, { userId })
  const total = found?.length ?? all
  const pages = Math.max(1, Math.ceil(total / rows))
  const page = Math.min(Math.max(1, wanted), pages)
  const offset = (page - 1) * rows
  const grantIds = found?.slice(offset, offset + rows).map(({ grantId }) => grantId)
  const shown =
    grantIds === undefined
      ? await findConnectionPage(reader, { userId, rowsMax: rows, offset })
      : await findConnectionsAmong(reader, { userId, grantIds })
  const connections = await Promise.all(shown.map((row) => withUse(services, row)))
  return { connections, page, pages, total, all, isMore }
}

/** Each word must stand in the name of the client, or in what it was given. */
function matching(
  { settings }: Services,
  rows: readonly SearchedConnection[],
  search: string,
): SearchedConnection[] {
  const words = plain(search.slice(0, searchCharactersMax)).split(/\s+/).filter(Boolean)
  const names = new Map<string, string>()
  const nameOf = (resource: string) => {
    const name = names.get(resource) ?? findResource(settings, resource)?.name ?? ''
    names.set(resource, name)
    return name
  }
  // What was given is the same text for many.
  const given = new Map<string, string>()
  const givenText = (access: string) => {
    const known = given.get(access)
    if (known !== undefined) return known
    const parts = (JSON.parse(access) as Access[]).flatMap(({ resource, scopes }) => [
      ...[resource, nameOf(resource)],
      ...scopes,
    ])
    const text = plain(parts.join(' '))
    given.set(access, text)
    return text
  }
  return rows.filter(({ clientName, clientId, access }) => {
    const text = `${plain(clientName)} ${plain(clientId)} ${givenText(access)}`
    return words.every((word) => text.includes(word))
  })
}

/** Client by client as in the whole list; the client that was connected last stands first. */
function inOrder(
  rows: readonly SearchedConnection[],
  every: readonly SearchedConnection[],
): SearchedConnection[] {
  const newest = new Map<string, number>()
  for (const { clientId, connectedAt } of every) {
    newest.set(clientId, Math.max(newest.get(clientId) ?? 0, connectedAt))
  }
  const newestOf = ({ clientId }: SearchedConnection) => newest.get(clientId) ?? 0
  return [...rows].sort(
    (a, b) =>
      newestOf(b) - newestOf(a) ||
      compare(a.clientId, b.clientId) ||
      b.connectedAt - a.connectedAt ||
      compare(a.grantId, b.grantId),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

async function withUse(services: Services, row: ConnectionRow): Promise<Connection> {
  const now = services.now()
  const { issuedAt, connectedAt, expiresAt, clientStatus } = row
  const use = await findLastUse(services, { kind: 'grant_use', id: row.grantId })
  const lastUsedAt = issuedAt === undefined ? undefined : Math.max(issuedAt, use?.at ?? 0)
  const isWaiting = issuedAt === undefined
  const status =
    expiresAt <= now
      ? 'expired'
      : clientStatus !== 'active'
        ? 'disabled'
        : isWaiting
          ? 'waiting'
          : 'active'
  return { ...row, status, lastUsedAt, isUnused: now - (lastUsedAt ?? connectedAt) >= unusedMs }
}

/** Undefined when it is nobody's, another's, or has ended. */
export async function readConnection(
  services: Services,
  of: { userId: string; grantId: string },
): Promise<Connection | undefined> {
  const row = await findConnection(services.reader, of)
  return row && withUse(services, row)
}

export type NarrowProblem = 'grant_unknown' | 'scope_exceeded' | 'nothing_left'

/** @returns why not, or undefined when no more than `access` is left of it */
export async function narrowConnection(
  { log, now }: Pick<Services, 'log' | 'now'>,
  { userId, grantId, access }: { userId: string; grantId: string; access: readonly Access[] },
  cause: Cause,
): Promise<NarrowProblem | undefined> {
  const outcome = await execute<string>(log, cause, async (work) => {
    const grant = await work.read(grantDecider, grantId)
    const isTheirs = grant.status !== 'unknown' && grant.userId === userId
    if (!isTheirs) return work.reject('grant_unknown')
    return work.decide(grantDecider, grantId, { kind: 'narrow', access, now: now() })
  })
  if (outcome.outcome === 'accepted' || outcome.reason === 'nothing_taken_back') return undefined
  const { reason } = outcome
  return reason === 'scope_exceeded' || reason === 'nothing_left' ? reason : 'grant_unknown'
}

/**
 * Ends one, all of one client, or all there are.
 * @returns how many were ended
 */
export async function revokeConnections(
  { log, now, reader }: Pick<Services, 'log' | 'now' | 'reader'>,
  { userId, ...which }: { userId: string; grantId?: string; clientId?: string },
  cause: Cause,
): Promise<number> {
  let ended = 0
  for (;;) {
    const batch = await findConnectionIds(reader, { userId, ...which, rowsMax: endedAtOnce })
    if (batch.length === 0) return ended
    let live: string[] = []
    const { outcome } = await execute<string>(log, cause, async (work) => {
      await work.prefetch(batch.map((id) => [grantDecider, id] as const))
      live = []
      for (const id of batch) {
        const command = { kind: 'end', reason: 'revoked_by_user', now: now() } as const
        const verdict = await work.decide(grantDecider, id, command)
        // One that has ended meanwhile is what was asked for.
        if (verdict.outcome === 'accepted') live.push(id)
      }
      return live.length > 0 ? { outcome: 'accepted' } : work.reject('nothing_to_end')
    })
    // What has ended is found no more; what does not end would be found for ever.
    if (outcome !== 'accepted') return ended
    ended += live.length
  }
}
