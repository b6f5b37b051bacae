/** The administrator's lists: what was searched for, and which page of it. */
import { lastUse } from '../identity/session.ts'
import { listTokens } from '../projections/listed-tokens.ts'
import type { ListKey, ListPage } from '../projections/listing.ts'
import {
  type ListAsked,
  listClients,
  listGrants,
  listSessions,
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
import {
  agentAsPerson,
  apiToken,
  app,
  consent,
  type LookUp,
  lookUp,
  person,
  session,
} from './admin-search.ts'
import { errorResponse } from './page-response.ts'

/** A page stays below 30 KB whatever names people have. */
const rowsMax = 20
const searchCharactersMax = 200

export function showClients(visit: AdminVisit): Promise<Response> {
  const { reader } = visit.services
  const find = (asked: ListAsked) => listClients(reader, asked)
  return showList(visit, { find, page: clientsPage, inFull: [app] })
}

export function showUsers(visit: AdminVisit): Promise<Response> {
  const { reader } = visit.services
  const find = (asked: ListAsked) => listUsers(reader, asked)
  return showList(visit, { find, page: usersPage, inFull: [person] })
}

export function showGrants(visit: AdminVisit): Promise<Response> {
  const { reader } = visit.services
  const find = (asked: ListAsked) => listGrants(reader, asked)
  const inFull = [person, app, consent, agentAsPerson]
  return showList(visit, { find, page: grantsPage, inFull })
}

export function showTokens(visit: AdminVisit): Promise<Response> {
  const { reader, now } = visit.services
  const find = (asked: ListAsked) => listTokens(reader, { ...asked, now: now() })
  const inFull = [person, app, consent, apiToken, agentAsPerson]
  return showList(visit, { find, page: tokensPage, inFull })
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
  return showList(visit, { find, page: sessionsPage, inFull: [person, session] })
}

interface Shown<Row> {
  readonly find: (asked: ListAsked) => Promise<ListPage<Row>>
  readonly page: (data: AdminListData<Row>) => string
  /** What may be named in full. */
  readonly inFull: readonly LookUp[]
}

export async function showList<Row>(
  visit: AdminVisit,
  { find, page, inFull }: Shown<Row>,
): Promise<Response> {
  const { query, shell, services, request } = visit
  const search = (query.get('q') ?? '').trim().slice(0, searchCharactersMax)
  const cursor = query.get('after')
  const after = cursor === null ? undefined : readCursor(cursor)
  if (cursor !== null && !after) {
    return errorResponse(services, request, { text: 'malformedRequest', status: 400 })
  }
  const [userId, clientId] = [query.get('user') ?? undefined, query.get('client') ?? undefined]
  const isOfAll = search !== '' && userId === undefined && clientId === undefined
  const named = isOfAll ? await lookUp(services, search, inFull) : undefined
  const wanted = named ?? { search, userId, clientId }
  const { rows, next, lookedAt } = await find({ ...wanted, after, rowsMax })
  const html = page({
    ...shell,
    rows,
    search,
    about: { ...(userId && { user: userId }), ...(clientId && { client: clientId }) },
    next: next && cursorOf(next),
    lookedAt,
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
