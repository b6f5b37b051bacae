/**
 * When something was last used, for its owner to see: not in the log, and no finer than ten minutes
 * and a network, so that a busy token does not write at each request. Nobody waits for it.
 *
 * @see [RFC 9700 §4.14.2 - Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2) on those that nobody uses
 */
import { LRUCache } from 'lru-cache'
import type { Uses } from '../../domain/expiring.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { networkOf } from '../request-context.ts'
import type { Services } from '../services.ts'

const usesKeptMs = 400 * 24 * 60 * 60 * 1000
/** What happens in between is the same use. */
const useMs = 10 * 60 * 1000
const rememberedMax = 10_000

/** When each was last noted, by what it was noted in. */
const noted = new WeakMap<Uses, LRUCache<string, number>>()

export interface LastUse {
  readonly at: number
  /** The network that it came from; absent where a resource server asked about it. */
  readonly from?: string
}

export interface Used {
  readonly kind: 'api_token_use' | 'grant_use'
  readonly id: string
}

function noteLastUse(
  { uses, now }: Pick<Services, 'uses' | 'now'>,
  { kind, id }: Used,
  address = '',
): void {
  const known = noted.get(uses) ?? new LRUCache<string, number>({ max: rememberedMax })
  noted.set(uses, known)
  const at = now()
  const key = `${kind} ${id}`
  if (at - (known.get(key) ?? Number.NEGATIVE_INFINITY) < useMs) return
  known.set(key, at)
  const body: LastUse = address === '' ? { at } : { at, from: networkOf(address) }
  uses.note({ kind, id, body, expiresAt: at + usesKeptMs })
}

/** The use of a token is that of what its owner sees it under. */
export function noteTokenUse(
  services: Pick<Services, 'uses' | 'now'>,
  { apiTokenId, grantId }: Pick<LiveToken, 'apiTokenId' | 'grantId'>,
  address?: string,
): void {
  if (apiTokenId !== undefined) {
    noteLastUse(services, { kind: 'api_token_use', id: apiTokenId }, address)
  } else if (grantId !== undefined) {
    noteLastUse(services, { kind: 'grant_use', id: grantId }, address)
  }
}

export async function findLastUse(
  { uses }: Pick<Services, 'uses'>,
  { kind, id }: Used,
): Promise<LastUse | undefined> {
  return (await uses.last(kind, id)) as LastUse | undefined
}
