/**
 * Which applications a person had connected at some moment: what the log said then, replayed, not
 * what the tables say now. Everything is read up to one position, the last that was recorded by
 * that time, so the answer is one state however much is written meanwhile.
 */

import { setImmediate } from 'node:timers/promises'
import type { Access } from '../domain/access.ts'
import { clientDecider } from '../domain/client.ts'
import {
  type ClientEvent,
  type ClientMetadata,
  ClientMetadataChanged,
  ClientRegistered,
} from '../domain/client-events.ts'
import type { EventLog, EventQuery, RecordedEvent } from '../domain/event-log.ts'
import { grantDecider } from '../domain/grant.ts'
import {
  CodeRedeemed,
  GrantApproved,
  GrantEnded,
  type GrantEvent,
  GrantNarrowed,
  type GrantTerms,
  RefreshTokenRotated,
} from '../domain/grant-events.ts'
import { userDecider } from '../domain/user.ts'
import type { UserEvent } from '../domain/user-events.ts'
import type { Services } from '../protocol/services.ts'
import { approvalsOf } from './approvals.ts'
import { isoTime } from './event-view.ts'
import { refuseParameter } from './parameters.ts'

export interface ConnectedApp {
  readonly grant_id: string
  readonly client_id: string
  readonly client_name: string | null
  /** As it was then; a disabled or deleted client's tokens did not count. */
  readonly client_status: 'active' | 'disabled' | 'deleted' | 'unknown'
  readonly access: readonly Access[]
  readonly approved_at: string
  /** Null until the code was redeemed. */
  readonly last_issued_at: string | null
  /** `approved`: the code was not redeemed yet. `expired`: code or refresh token had run out. */
  readonly status: 'approved' | 'active' | 'expired'
}

export interface ConnectedApps {
  readonly user_id: string
  readonly user_status: 'active' | 'disabled'
  readonly at: string
  /** The last position that had been recorded by then. */
  readonly position: number
  readonly connected_apps: readonly ConnectedApp[]
}

type Parts = Pick<Services, 'log' | 'now'>

interface ClientThen {
  readonly status: ConnectedApp['client_status']
  readonly name: string | null
}

/** Those that were read, by id. */
type Clients = Map<string, ClientThen>

/** A moment: the time, and the first position that was not there yet. */
interface Moment {
  readonly at: number
  readonly before: number
}

/**
 * @param asked whose, and when: milliseconds since 1970, now unless given
 * @returns undefined when there was no such person then
 * @throws {OAuthError} invalid_request for a time that is still to come
 */
export async function connectedAppsAt(
  services: Parts,
  asked: { userId: string; at: number | undefined },
): Promise<ConnectedApps | undefined> {
  const { log } = services
  const { userId } = asked
  const moment = await momentOf(services, asked.at)
  const person = await personAt(log, userId, moment)
  if (!person) return undefined
  const apps: ConnectedApp[] = []
  const clients: Clients = new Map()
  for (const terms of await approvalsOf(log, { userId, before: moment.before })) {
    const app = await appAt(log, terms, { moment, clients })
    if (app) apps.push(app)
    // Others are served, however many this person has.
    await setImmediate()
  }
  return {
    user_id: userId,
    user_status: person.status,
    at: isoTime(moment.at),
    position: moment.before - 1,
    connected_apps: apps,
  }
}

async function momentOf({ log, now }: Parts, asked: number | undefined): Promise<Moment> {
  const present = now()
  if (asked !== undefined && asked > present) {
    refuseParameter('at', isoTime(asked), 'it lies in the future')
  }
  // Stamps can be ahead of this machine's clock; what is in the log by now has happened by now.
  const until = asked === undefined ? {} : { until: asked }
  const [last] = await log.read({ ...until, order: 'newest first', limit: 1 })
  return { at: asked ?? present, before: (last?.position ?? 0) + 1 }
}

async function personAt(log: EventLog, userId: string, { before }: Moment) {
  let state = userDecider.initial
  for await (const event of log.replay({ streamId: `user/${userId}`, before })) {
    state = userDecider.evolve(state, event as unknown as UserEvent)
  }
  // Whoever is deleted was here before, and is asked about as of then.
  return state.status === 'unknown' || state.status === 'deleted' ? undefined : state
}

/** Undefined for a grant that had ended. */
async function appAt(
  log: EventLog,
  terms: GrantTerms,
  { moment, clients }: { moment: Moment; clients: Clients },
): Promise<ConnectedApp | undefined> {
  const grant = await grantAt(log, terms, moment)
  if (grant.status === 'ended' || grant.status === 'unknown') return undefined
  const goodUntil = grant.status === 'active' ? grant.issue.refreshExpiresAt : grant.codeExpiresAt
  const client = clients.get(terms.clientId) ?? (await clientAt(log, terms.clientId, moment))
  clients.set(terms.clientId, client)
  return {
    grant_id: terms.grantId,
    client_id: terms.clientId,
    client_name: client.name,
    client_status: client.status,
    access: grant.access,
    approved_at: isoTime(terms.at),
    last_issued_at: grant.status === 'active' ? isoTime(grant.issue.at) : null,
    status: moment.at < goodUntil ? grant.status : 'expired',
  }
}

/** An issue, or a narrowing, says all that those before it said: the newest of each is enough. */
async function grantAt(log: EventLog, terms: GrantTerms, { before }: Moment) {
  let state = grantDecider.evolve(grantDecider.initial, GrantApproved(terms))
  const newest: EventQuery = { order: 'newest first', limit: 1 }
  const uses = [CodeRedeemed.name, RefreshTokenRotated.name, GrantEnded.name]
  const streamId = `grant/${terms.grantId}`
  for (const types of [[GrantNarrowed.name], uses]) {
    const [last] = await log.read({ ...newest, streamId, types, before })
    if (last) state = grantDecider.evolve(state, last as unknown as GrantEvent)
  }
  return state
}

async function clientAt(log: EventLog, clientId: string, { before }: Moment): Promise<ClientThen> {
  let state = clientDecider.initial
  let name: string | null = null
  for await (const event of log.replay({ streamId: `client/${clientId}`, before })) {
    state = clientDecider.evolve(state, event as unknown as ClientEvent)
    name = clientNameIn(event) ?? name
  }
  return { status: state.status, name }
}

function clientNameIn({ type, payload }: RecordedEvent): string | undefined {
  if (type !== ClientRegistered.name && type !== ClientMetadataChanged.name) return undefined
  return (payload.metadata as ClientMetadata).clientName
}
