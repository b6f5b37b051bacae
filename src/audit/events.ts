/**
 * The log, searched: newest first unless asked otherwise, in pages.
 *
 * What the log has an index for it filters itself. A person, a client or a grant stands in the
 * payloads, so those are looked for while reading on; a page that has read its limit of events
 * ends there, with what it found and the cursor to go on from.
 */
import { eventTypes } from '../domain/catalog.ts'
import type { EventLog, EventQuery, RecordedEvent } from '../domain/event-log.ts'
import type { Services } from '../protocol/services.ts'
import { approvalsOf } from './approvals.ts'
import { type EventView, viewEvent } from './event-view.ts'
import { Parameters, refuseParameter } from './parameters.ts'

const names = [
  ...(['stream', 'type', 'actor', 'correlation', 'from', 'until'] as const),
  ...(['user', 'client', 'grant', 'order', 'limit', 'cursor'] as const),
]
type Asked = Parameters<(typeof names)[number]>

const orders = ['newest', 'oldest'] as const
type Order = (typeof orders)[number]

const pageRowsDefault = 50
/** How many events one answer may look at in search of those that match. */
export const scannedEventsMax = 10_000
const scannedAtOnce = 500

export interface EventPage {
  readonly events: readonly EventView[]
  /** Where to go on; absent when there is no more. */
  readonly next_cursor?: string
}

type Matches = (event: RecordedEvent) => boolean

/** @throws {OAuthError} invalid_request, naming the parameter */
export async function findEvents(
  { log, settings }: Pick<Services, 'log' | 'settings'>,
  given: URLSearchParams,
): Promise<EventPage> {
  const asked: Asked = new Parameters(given, names)
  const rowsMax = settings.limits.pageRowsMax
  const otherwise = Math.min(pageRowsDefault, rowsMax)
  const limit = asked.whole('limit', { from: 1, to: rowsMax, otherwise })
  const order = asked.oneOf('order', orders) ?? 'newest'
  const query = { ...indexedFilters(asked), order: `${order} first` } as const
  const matches = await payloadFilter(log, asked)
  const start = readCursor(asked, order)
  const { found, last } = await scan(log, query, { matches, limit, start })
  return {
    events: found.map(viewEvent),
    ...(last === undefined ? {} : { next_cursor: cursorOf(order, last) }),
  }
}

/** The event of this id, or undefined. */
export async function findEvent(
  { log }: Pick<Services, 'log'>,
  eventId: string,
): Promise<EventView | undefined> {
  const event = await log.find(eventId)
  return event && viewEvent(event)
}

function indexedFilters(asked: Asked): EventQuery {
  const types = asked.list('type')
  const unknown = types.find((type) => !eventTypes.some(({ name }) => name === type))
  if (unknown !== undefined) refuseParameter('type', unknown, 'there is no such event type')
  const filters = {
    streamId: asked.text('stream'),
    types: types.length > 0 ? types : undefined,
    actor: asked.text('actor'),
    correlationId: asked.text('correlation'),
    from: asked.time('from'),
    until: asked.time('until'),
  }
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined))
}

/** Undefined when nothing is asked for that stands in payloads. */
async function payloadFilter(log: EventLog, asked: Asked): Promise<Matches | undefined> {
  const filters: Matches[] = []
  const user = asked.text('user')
  if (user !== undefined) {
    const grants = new Set((await approvalsOf(log, { userId: user })).map((g) => g.grantId))
    filters.push(
      ({ actor, payload }) =>
        actor === `user:${user}` ||
        payload.userId === user ||
        (typeof payload.grantId === 'string' && grants.has(payload.grantId)),
    )
  }
  const client = asked.text('client')
  if (client !== undefined) {
    filters.push(
      ({ actor, payload }) => actor === `client:${client}` || payload.clientId === client,
    )
  }
  const grant = asked.text('grant')
  if (grant !== undefined) filters.push(({ payload }) => payload.grantId === grant)
  if (filters.length === 0) return undefined
  return (event) => filters.every((matches) => matches(event))
}

interface Scan {
  readonly matches: Matches | undefined
  readonly limit: number
  /** The position that the page before ended at. */
  readonly start: number | undefined
}

/** @returns `last`: the position looked at last, unless everything was looked at */
async function scan(log: EventLog, query: EventQuery, { matches, limit, start }: Scan) {
  const found: RecordedEvent[] = []
  const atOnce = matches ? scannedAtOnce : limit + 1
  let last = start
  for (let scanned = 0; scanned < scannedEventsMax; scanned += atOnce) {
    const events = await log.read({ ...query, ...goingOn(query, last), limit: atOnce })
    for (const event of events) {
      if (found.length === limit) return { found, last }
      if (!matches || matches(event)) found.push(event)
      last = event.position
    }
    if (events.length < atOnce) return { found, last: undefined }
  }
  return { found, last }
}

function goingOn({ order }: EventQuery, last: number | undefined): EventQuery {
  if (last === undefined) return {}
  return order === 'oldest first' ? { after: last } : { before: last }
}

function cursorOf(order: Order, position: number): string {
  return Buffer.from(`${order} ${position}`).toString('base64url')
}

function readCursor(asked: Asked, order: Order): number | undefined {
  const cursor = asked.text('cursor')
  if (cursor === undefined) return undefined
  const plain = Buffer.from(cursor, 'base64url').toString('utf8')
  const match = /^(newest|oldest) (\d{1,15})$/.exec(plain)
  if (!match) return refuseParameter('cursor', cursor, 'it is none that this server gave')
  if (match[1] !== order) refuseParameter('cursor', cursor, `it is of order ${match[1]}`)
  return Number(match[2])
}
