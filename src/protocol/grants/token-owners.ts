/**
 * Whose a code or a refresh token is: its text says which grant it belongs to, but anybody could
 * write that, so it counts where the grant gave this very one. Where that is known from:
 *
 *   it is the grant's code, its newest refresh token or the one before ─▶ the grant's stream
 *   it is older, or the grant has ended                                 ─▶ the log, which keeps
 *                                                               every one that there ever was
 *
 * Whether it is still good is asked of its grant in any case.
 *
 * @see [RFC 6749 §6 - Refreshing an Access Token](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)
 * @see [RFC 9700 §4.14.2 - Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 */
import { streamOf } from '../../domain/decider.ts'
import type { EventLog, FoldedStream } from '../../domain/event-log.ts'
import { type GrantState, grantDecider, type KnownGrant } from '../../domain/grant.ts'
import { grantIdOf, type TokenRef } from '../../domain/token-ref.ts'
import { findGrant } from '../../projections/grants.ts'
import type { Services } from '../services.ts'

/** Whose a code or refresh token is, or was until its grant ended. */
export interface TokenOwner {
  readonly grantId: string
  readonly userId: string
  readonly clientId: string
  /** Of a grant that is live, where it has some. */
  readonly authorizationDetails?: Record<string, unknown>[] | null
}

type Parts = Pick<Services, 'log' | 'reader'>
type Streams = readonly FoldedStream[] | undefined

const issuesPerRead = 20

/**
 * The owner of the refresh token, or undefined where no grant ever gave it.
 * @param ahead streams that were read already
 */
export async function ownerOfRefreshToken(
  services: Parts,
  ref: TokenRef,
  ahead?: Streams,
): Promise<TokenOwner | undefined> {
  const grant = await readGrant(services, ref, ahead)
  const isGiven = (grant && gaveLately(grant, ref)) || (await wasGiven(services.log, ref))
  return isGiven ? ownerOf(services, ref, grant) : undefined
}

/** The same of a code. */
export async function ownerOfCode(
  services: Parts,
  ref: TokenRef,
  ahead?: Streams,
): Promise<TokenOwner | undefined> {
  const live = await ownerOfLiveCode(services, ref, ahead)
  if (live) return live
  const approved = await approvalOf(services, ref)
  return approved?.codeHash === ref.hash ? ownerOf(services, ref, undefined) : undefined
}

/** The same without a look into the log. */
export async function ownerOfLiveCode(
  services: Parts,
  ref: TokenRef,
  ahead?: Streams,
): Promise<TokenOwner | undefined> {
  const grant = await readGrant(services, ref, ahead)
  return grant?.codeHash === ref.hash ? ownerOf(services, ref, grant) : undefined
}

/** Whether the refresh token is the grant's newest, or the one before. */
export function gaveLately(grant: KnownGrant, { hash }: TokenRef): boolean {
  if (grant.status !== 'active') return false
  return [grant.issue.refreshTokenHash, grant.issue.presentedHash].includes(hash)
}

export function grantStreamOf(ref: TokenRef): string {
  return streamOf(grantDecider.noun, grantIdOf(ref))
}

/** Undefined where there is none, or it is of an older shape; the log has it all the same. */
export function grantIn(folded: FoldedStream | undefined): KnownGrant | undefined {
  if (folded?.stateSchema !== grantDecider.stateSchema) return undefined
  const grant = folded.state as GrantState | null
  return grant === null || grant.status === 'unknown' ? undefined : grant
}

async function readGrant({ log }: Parts, ref: TokenRef, ahead: Streams) {
  const streamId = grantStreamOf(ref)
  const known = ahead?.find((folded) => folded.streamId === streamId)
  return grantIn(known ?? (await log.load([streamId]))[0])
}

/**
 * Whether the log says so. The first issue follows the approval, so the nth one is the stream's
 * (n + 1)th event, or stands as much later as other things happened to the grant.
 */
async function wasGiven(log: EventLog, ref: TokenRef): Promise<boolean> {
  const types = ['CodeRedeemed', 'RefreshTokenRotated']
  const fromVersion = ref.generation + 1
  const some = { streamId: grantStreamOf(ref), types, fromVersion, limit: issuesPerRead }
  for (let after = 0; ; ) {
    const issues = await log.read({ ...some, after })
    const it = issues.find(({ payload }) => Number(payload.generation) >= ref.generation)
    if (it) return it.payload.refreshTokenHash === ref.hash
    const last = issues.at(-1)
    if (!last) return false
    after = last.position
  }
}

/** What was granted in detail is personal, and no part of the stream. */
async function ownerOf(
  services: Parts,
  ref: TokenRef,
  grant: KnownGrant | undefined,
): Promise<TokenOwner | undefined> {
  const known = grant ?? (await approvalOf(services, ref))
  if (!known) return undefined
  const grantId = grantIdOf(ref)
  const owner = { grantId, userId: String(known.userId), clientId: String(known.clientId) }
  if (grant && !grant.hasDetails) return owner
  const row = await findGrant(services.reader, grantId)
  return { ...owner, authorizationDetails: row?.authorizationDetails ?? null }
}

/** What was approved, also where the grant has ended since. */
async function approvalOf({ log }: Parts, ref: TokenRef) {
  const types = ['GrantApproved']
  const [approved] = await log.read({ streamId: grantStreamOf(ref), types, limit: 1 })
  return approved?.payload
}
