/**
 * What has happened to one grant, from the log: each fact with its time and the id of its event,
 * so that "why was I signed out?" has an answer that can be looked up.
 *
 * @see [RFC 9700 §4.14.2 - Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2) on replays, of which it tells
 */
import type { Access } from '../../domain/access.ts'
import type { EventLog, RecordedEvent } from '../../domain/event-log.ts'
import { Work } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import { GrantApproved, type GrantEndReason, type GrantTerms } from '../../domain/grant-events.ts'

export const timelineRows = 30

export type TimelineKind =
  | 'approved'
  | 'remembered'
  | 'connected'
  | 'refreshed'
  | 'refused'
  | 'narrowed'
  | 'token_revoked'
  | 'refresh_revoked'
  | 'ended'

const kinds: Readonly<Record<string, TimelineKind>> = {
  GrantApproved: 'approved',
  CodeRedeemed: 'connected',
  RefreshTokenRotated: 'refreshed',
  GrantUseRefused: 'refused',
  GrantNarrowed: 'narrowed',
  AccessTokenRevoked: 'token_revoked',
  RefreshTokenRevoked: 'refresh_revoked',
  GrantEnded: 'ended',
}

export interface TimelineEntry {
  readonly kind: TimelineKind
  readonly eventId: string
  readonly position: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Of a refusal or an end. */
  readonly reason?: string
  /** What was given, or what was left. */
  readonly access?: readonly Access[]
}

export interface Timeline {
  /** What the person said yes to. */
  readonly terms: GrantTerms
  /** Newest first. */
  readonly entries: readonly TimelineEntry[]
  /** Where to go on; absent when there is no more. */
  readonly before?: number
  /** Why it is over, if it is. */
  readonly endReason?: GrantEndReason
}

/** Undefined when the grant is nobody's, or another's. */
export async function readTimeline(
  log: EventLog,
  { userId, grantId, before }: { userId: string; grantId: string; before?: number | undefined },
): Promise<Timeline | undefined> {
  const streamId = `grant/${grantId}`
  const [first] = await log.read({ streamId, order: 'oldest first', limit: 1 })
  if (first?.type !== GrantApproved.name || first.payload.userId !== userId) return undefined
  const newest = { streamId, order: 'newest first' } as const
  // What an operator wrote beside it is for other operators.
  const told = { ...newest, types: Object.keys(kinds) }
  const page = before === undefined ? told : { ...told, before }
  const events = await log.read({ ...page, limit: timelineRows + 1 })
  const shown = events.slice(0, timelineRows)
  const grant = await new Work(log).read(grantDecider, grantId)
  const last = shown.at(-1)
  return {
    terms: first.payload as unknown as GrantTerms,
    entries: shown.map(entryOf),
    ...(events.length > timelineRows && last ? { before: last.position } : {}),
    ...(grant.status === 'ended' ? { endReason: grant.reason } : {}),
  }
}

function entryOf({ type, eventId, position, payload, recordedAt }: RecordedEvent): TimelineEntry {
  const { reason, access, remembered } = payload as Partial<GrantTerms> & { reason?: string }
  const kind = kinds[type] ?? 'refused'
  return {
    kind: kind === 'approved' && remembered ? 'remembered' : kind,
    eventId,
    position,
    at: recordedAt,
    ...(reason === undefined ? {} : { reason }),
    ...(access === undefined ? {} : { access }),
  }
}
