/**
 * The log, searched: newest first unless asked otherwise, in pages.
 *
 * The log goes along one index, of the filter that leaves the fewest events, between two positions.
 * All else is looked for while reading on, as a person, a client or a grant, which stand in the
 * payloads; a page that has read its limit of events ends there, with what it found and the cursor
 * to go on from. Between the reads everybody else is served.
 */
import { setImmediate } from 'node:timers/promises'
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
const scannedAtOnce = 250

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
  const { along, besides } = indexedFilters(asked)
  const query = { ...along, order: `${order} first` } as const
  const filters = [...besides, ...(await payloadFilters(log, asked))]
  const matches: Matches | undefined =
    filters.length === 0 ? undefined : (event) => filters.every((filter) => filter(event))
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

interface Indexed {
  readonly along: EventQuery
  /** The filters that would have indexes too. */
  readonly besides: readonly Matches[]
}

function indexedFilters(asked: Asked): Indexed {
  const types = asked.list('type')
  const unknown = types.find((type) => !eventTypes.some(({ name }) => name === type))
  if (unknown !== undefined) refuseParameter('type', unknown, 'there is no such event type')
  const [streamId, correlationId] = [asked.text('stream'), asked.text('correlation')]
  const actor = asked.text('actor')
  const filters: (readonly [EventQuery, Matches])[] = []
  const add = (query: EventQuery, matches: Matches) => filters.push([query, matches])
  if (streamId !== undefined) add({ streamId }, (event) => event.streamId === streamId)
  if (correlationId !== undefined) {
    add({ correlationId }, (event) => event.correlationId === correlationId)
  }
  const addActor = () => actor !== undefined && add({ actor }, (event) => event.actor === actor)
  const doesLittle = actor !== undefined && /^(?:user|agent):/.test(actor)
  if (doesLittle) addActor()
  if (types.length > 0) add({ types }, ({ type }) => types.includes(type))
  if (!doesLittle) addActor()
  const [first, ...others] = filters
  const times = { from: asked.time('from'), until: asked.time('until') }
  const period = Object.fromEntries(Object.entries(times).filter(([, time]) => time !== undefined))
  return { along: { ...first?.[0], ...period }, besides: others.map(([, matches]) => matches) }
}

/** What stands in payloads. */
async function payloadFilters(log: EventLog, asked: Asked): Promise<Matches[]> {
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
  return filters
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
    await setImmediate()
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
