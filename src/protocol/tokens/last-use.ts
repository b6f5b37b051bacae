/**
 * When something was last used, for its owner to see: not in the log, and no finer than ten minutes
 * and a network, so that a busy token does not write at each request.
 *
 * @see [RFC 9700 §4.14.2 - Recommendations](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2) on those that nobody uses
 */
import { LRUCache } from 'lru-cache'
import type { Expiring } from '../../domain/expiring.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { networkOf } from '../request-context.ts'
import type { Services } from '../services.ts'

const usesKeptMs = 400 * 24 * 60 * 60 * 1000
/** What happens in between is the same use. */
const useMs = 10 * 60 * 1000
const rememberedMax = 10_000

/** When each was last written down, by the store that it was written to. */
const written = new WeakMap<Expiring, LRUCache<string, number>>()

export interface LastUse {
  readonly at: number
  /** The network that it came from; absent where a resource server asked about it. */
  readonly from?: string
}

export interface Used {
  readonly kind: 'api_token_use' | 'grant_use'
  readonly id: string
}

/** Whoever presents it is served also when this cannot be noted. */
export async function noteLastUse(
  { expiring, logger, now }: Pick<Services, 'expiring' | 'logger' | 'now'>,
  { kind, id }: Used,
  address = '',
): Promise<void> {
  const uses = written.get(expiring) ?? new LRUCache<string, number>({ max: rememberedMax })
  written.set(expiring, uses)
  const at = now()
  const key = `${kind} ${id}`
  if (at - (uses.get(key) ?? Number.NEGATIVE_INFINITY) < useMs) return
  uses.set(key, at)
  const body: LastUse = address === '' ? { at } : { at, from: networkOf(address) }
  try {
    await expiring.put({ kind, id, body, expiresAt: at + usesKeptMs })
  } catch (error) {
    uses.delete(key)
    logger.warn({ kind, id, cause: String(error) }, 'a use was not noted')
  }
}

/** The use of a token is that of what its owner sees it under. */
export async function noteTokenUse(
  services: Pick<Services, 'expiring' | 'logger' | 'now'>,
  { apiTokenId, grantId }: Pick<LiveToken, 'apiTokenId' | 'grantId'>,
  address?: string,
): Promise<void> {
  if (apiTokenId !== undefined) {
    await noteLastUse(services, { kind: 'api_token_use', id: apiTokenId }, address)
  } else if (grantId !== undefined) {
    await noteLastUse(services, { kind: 'grant_use', id: grantId }, address)
  }
}

export async function findLastUse(
  { expiring }: Pick<Services, 'expiring'>,
  { kind, id }: Used,
): Promise<LastUse | undefined> {
  return (await expiring.get(kind, id)) as LastUse | undefined
}
