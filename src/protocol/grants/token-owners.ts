/**
 * Whose a code or a refresh token is never changes, so those that were made here are remembered: a
 * client usually comes back to the process that it got its token from. Whether it is still good is
 * asked of its grant in any case. What was granted in detail is personal, and is not kept here.
 *
 * @see [RFC 6749 §6 - Refreshing an Access Token](https://www.rfc-editor.org/rfc/rfc6749.html#section-6)
 */
import { LRUCache } from 'lru-cache'
import type { EventLog } from '../../domain/event-log.ts'
import {
  findOwnerOfCode,
  findOwnerOfRefreshToken,
  type TokenOwner,
} from '../../projections/grants.ts'
import type { Services } from '../services.ts'

const ownersMax = 50_000

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

/** The owner of the refresh token of this hash, or undefined where nobody knows it. */
export async function ownerOfRefreshToken(
  services: Pick<Services, 'log' | 'reader'>,
  tokenHash: string,
): Promise<TokenOwner | undefined> {
  return rememberedOwner(services, tokenHash) ?? findOwnerOfRefreshToken(services.reader, tokenHash)
}

/** The same of a code. */
export async function ownerOfCode(
  services: Pick<Services, 'log' | 'reader'>,
  codeHash: string,
): Promise<TokenOwner | undefined> {
  return rememberedOwner(services, codeHash) ?? findOwnerOfCode(services.reader, codeHash)
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
