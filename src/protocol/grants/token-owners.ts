/**
 * Whose a code or a refresh token is: its text says which grant it belongs to, but anybody could
 * write that, so it counts where the grant gave this very one. Where that is known from:
 *
 *   this process gave it out      ─▶ remembered: a client usually comes back to where it was
 *   it is among the newest tokens ─▶ the grant's rows
 *   it is older, or has ended     ─▶ the log, which keeps every one that there ever was
 *
 * Whether it is still good is asked of its grant in any case. What was granted in detail is
 * personal, and is not remembered here.
 *
 * @see [RFC 6749 §6 - Refreshing an Access Token](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)
 * @see [RFC 9700 §4.14.2 - Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2)
 */
import { LRUCache } from 'lru-cache'
import { streamOf } from '../../domain/decider.ts'
import type { EventLog } from '../../domain/event-log.ts'
import { grantDecider } from '../../domain/grant.ts'
import { grantIdOf, type TokenRef } from '../../domain/token-ref.ts'
import {
  findGrantOwner,
  findOwnerOfCode,
  findOwnerOfRefreshToken,
  type TokenOwner,
} from '../../projections/token-owners.ts'
import type { Services } from '../services.ts'

type Parts = Pick<Services, 'log' | 'reader'>

const ownersMax = 2_500
const issuesPerRead = 20

/** By the log that the grants are in. */
const owners = new WeakMap<EventLog, LRUCache<string, TokenOwner>>()

function ownersIn(log: EventLog): LRUCache<string, TokenOwner> {
  const known = owners.get(log) ?? new LRUCache<string, TokenOwner>({ max: ownersMax })
  owners.set(log, known)
  return known
}

/** Of a code or refresh token that was given out here, unless it was forgotten. */
export function rememberedOwner(
  { log }: Pick<Services, 'log'>,
  tokenHash: string,
): TokenOwner | undefined {
  return ownersIn(log).get(tokenHash)
}

/** The owner of the refresh token, or undefined where no grant ever gave it. */
export async function ownerOfRefreshToken(
  services: Parts,
  ref: TokenRef,
): Promise<TokenOwner | undefined> {
  const { log, reader } = services
  const known = rememberedOwner(services, ref.hash) ?? (await findOwnerOfRefreshToken(reader, ref))
  if (known) return known
  return (await wasGiven(log, ref)) ? ownerOfGrant(services, ref) : undefined
}

/**
 * Whether the log says so. The first issue follows the approval, so the nth one is the stream's
 * (n + 1)th event, or stands as much later as other things happened to the grant.
 */
async function wasGiven(log: EventLog, ref: TokenRef): Promise<boolean> {
  const streamId = streamOf(grantDecider.noun, grantIdOf(ref))
  const types = ['CodeRedeemed', 'RefreshTokenRotated']
  const some = { streamId, types, fromVersion: ref.generation + 1, limit: issuesPerRead }
  for (let after = 0; ; ) {
    const issues = await log.read({ ...some, after })
    const it = issues.find(({ payload }) => Number(payload.generation) >= ref.generation)
    if (it) return it.payload.refreshTokenHash === ref.hash
    const last = issues.at(-1)
    if (!last) return false
    after = last.position
  }
}

/** The same of a code. */
export async function ownerOfCode(services: Parts, ref: TokenRef): Promise<TokenOwner | undefined> {
  const known = rememberedOwner(services, ref.hash) ?? (await findOwnerOfCode(services.reader, ref))
  if (known) return known
  const approved = await approvalOf(services, ref)
  return approved?.codeHash === ref.hash ? ownerOfGrant(services, ref) : undefined
}

async function ownerOfGrant(services: Parts, ref: TokenRef): Promise<TokenOwner | undefined> {
  const live = await findGrantOwner(services.reader, grantIdOf(ref))
  if (live) return live
  const approved = await approvalOf(services, ref)
  return (
    approved && {
      grantId: grantIdOf(ref),
      userId: String(approved.userId),
      clientId: String(approved.clientId),
    }
  )
}

/** What was approved, also where the grant has ended since. */
async function approvalOf({ log }: Parts, ref: TokenRef) {
  const streamId = streamOf(grantDecider.noun, grantIdOf(ref))
  const [approved] = await log.read({ streamId, types: ['GrantApproved'], limit: 1 })
  return approved?.payload
}

/** Of a code or a token that has just been given out. */
export function rememberOwner(
  { log }: Pick<Services, 'log'>,
  tokenHash: string,
  { grantId, userId, clientId, authorizationDetails }: TokenOwner,
): void {
  if (authorizationDetails) return
  ownersIn(log).set(tokenHash, { grantId, userId, clientId, authorizationDetails: null })
}
