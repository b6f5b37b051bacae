/** The administrator's lists: what was searched for, and which page of it. */
import { lastUse } from '../identity/session.ts'
import {
  type ListAsked,
  type ListKey,
  type ListPage,
  listClients,
  listGrants,
  listSessions,
  listTokens,
  listUsers,
} from '../projections/lists.ts'
import {
  type AdminListData,
  clientsPage,
  grantsPage,
  sessionsPage,
  tokensPage,
  usersPage,
} from '../web/admin-lists.tsx'
import { type AdminVisit, pageOrNothing } from './admin-gate.ts'
import { errorResponse } from './page-response.ts'

/** A page stays below 30 KB whatever names people have. */
const rowsMax = 20
const searchCharactersMax = 200

export function showClients(visit: AdminVisit): Promise<Response> {
  return showList(visit, (asked) => listClients(visit.services.reader, asked), clientsPage)
}

export function showUsers(visit: AdminVisit): Promise<Response> {
  return showList(visit, (asked) => listUsers(visit.services.reader, asked), usersPage)
}

export function showGrants(visit: AdminVisit): Promise<Response> {
  return showList(visit, (asked) => listGrants(visit.services.reader, asked), grantsPage)
}

export function showTokens(visit: AdminVisit): Promise<Response> {
  const { reader, now } = visit.services
  return showList(visit, (asked) => listTokens(reader, { ...asked, now: now() }), tokensPage)
}

export function showSessions(visit: AdminVisit): Promise<Response> {
  const { reader, now } = visit.services
  const find = async (asked: ListAsked) => {
    const { rows, ...turn } = await listSessions(reader, { ...asked, now: now() })
    const used = rows.map(async (row) => ({
      ...row,
      usedAt: await lastUse(visit.services, row.sessionId),
    }))
    return { rows: await Promise.all(used), ...turn }
  }
  return showList(visit, find, sessionsPage)
}

export async function showList<Row>(
  visit: AdminVisit,
  find: (asked: ListAsked) => Promise<ListPage<Row>>,
  ...[page]: [(data: AdminListData<Row>) => string]
): Promise<Response> {
  const { query, shell, services, request } = visit
  const search = (query.get('q') ?? '').trim().slice(0, searchCharactersMax)
  const cursor = query.get('after')
  const after = cursor === null ? undefined : readCursor(cursor)
  if (cursor !== null && !after) {
    return errorResponse(services, request, { text: 'malformedRequest', status: 400 })
  }
  const [userId, clientId] = [query.get('user') ?? undefined, query.get('client') ?? undefined]
  const { rows, next } = await find({ search, userId, clientId, after, rowsMax })
  const html = page({
    ...shell,
    rows,
    search,
    about: { ...(userId && { user: userId }), ...(clientId && { client: clientId }) },
    next: next && cursorOf(next),
    isFirst: after === undefined,
  })
  return pageOrNothing(visit, html)
}

function cursorOf(key: ListKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

const cursorCharactersMax = 4096

function readCursor(text: string): ListKey | undefined {
  if (text.length > cursorCharactersMax) return undefined
  try {
    const key: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return Array.isArray(key) && key.length > 0 && key.every(isKeyPart) ? key : undefined
  } catch {
    return undefined
  }
}

function isKeyPart(part: unknown): part is string | number {
  return typeof part === 'string' || Number.isSafeInteger(part)
}
