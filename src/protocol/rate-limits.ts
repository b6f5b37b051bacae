/**
 * How often anything may be asked for. Counts are kept by what asks (an account, a client), and by
 * address only where nobody is known: hosted platforms send everybody's requests from a few.
 *
 * Counts stand in the memory of this process, in windows that begin with the first request. Many
 * processes each count for themselves.
 *
 * @see [RFC 6585 §4 - 429 Too Many Requests](https://www.rfc-editor.org/rfc/rfc6585.html#section-4)
 * @see [RateLimit header fields for HTTP](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10)
 */
import { LRUCache } from 'lru-cache'
import type { Settings } from '../config/settings.ts'
import { sha256 } from '../domain/keyring.ts'
import { OAuthError } from './oauth-error.ts'

/** The one that was not heard of for longest goes first. */
const keysMax = 100_000
const keyCharactersMax = 128

export type RateLimitClass = Exclude<keyof Settings['rateLimits'], 'paths'>

interface Counted {
  readonly count: number
  /** Milliseconds since 1970. */
  readonly endsAt: number
}

/** How somebody stands with one limit. */
export interface Standing {
  readonly name: RateLimitClass
  readonly requests: number
  readonly perSeconds: number
  readonly remaining: number
  /** Whether there were more than `requests`. */
  readonly exceeded: boolean
  /** Milliseconds since 1970. */
  readonly resetsAt: number
}

export class CountsInMemory {
  /** With `max` in place of sizes all of the room would be taken at once, and a tenth of a start. */
  readonly #windows = new LRUCache<string, Counted>({
    maxSize: keysMax,
    sizeCalculation: () => 1,
  })
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Adds `requests` to the window of this key, and says how it stands then. */
  add(key: string, { requests, perSeconds }: { requests: number; perSeconds: number }): Counted {
    const now = this.#now()
    const known = this.#windows.get(key)
    const isOpen = known !== undefined && known.endsAt > now
    const { count, endsAt } = isOpen ? known : { count: 0, endsAt: now + perSeconds * 1000 }
    const counted = { count: count + requests, endsAt }
    if (counted.count > 0) this.#windows.set(key, counted)
    return counted
  }
}

export class RateLimits {
  readonly #limits: Settings['rateLimits']
  readonly #counter: CountsInMemory

  constructor({ rateLimits }: Pick<Settings, 'rateLimits'>, counter: CountsInMemory) {
    this.#limits = rateLimits
    this.#counter = counter
  }

  /** Whether there is such a limit on this path. */
  isOn(name: RateLimitClass, path: string): boolean {
    const { [name]: limit, paths } = this.#limits
    return (
      limit.requests > 0 && (paths.length === 0 || paths.some((start) => path.startsWith(start)))
    )
  }

  /** Counts a request, which is one too many when the standing says `exceeded`. */
  count(name: RateLimitClass, who: string): Standing {
    return this.#standing(name, { who, added: 1 })
  }

  /** How they stand without a request; `exceeded` when the next one would be too many. */
  look(name: RateLimitClass, who: string): Standing {
    const standing = this.#standing(name, { who, added: 0 })
    return { ...standing, exceeded: standing.remaining === 0 }
  }

  #standing(name: RateLimitClass, { who, added }: { who: string; added: number }): Standing {
    const { requests, perSeconds } = this.#limits[name]
    // Short whatever a client calls itself, so that the memory is bounded too.
    const text = `${name} ${who}`
    const key = text.length <= keyCharactersMax ? text : sha256(text)
    const { count, endsAt: resetsAt } = this.#counter.add(key, {
      requests: added,
      perSeconds,
    })
    const remaining = Math.max(0, requests - count)
    return { name, requests, perSeconds, remaining, exceeded: count > requests, resetsAt }
  }
}

export function tooManyRequests(retryAfterSeconds: number, cause: string): OAuthError {
  return new OAuthError(
    'rate_limit_exceeded',
    `Too many requests; try again in ${retryAfterSeconds} seconds`,
    { cause, headers: { 'Retry-After': String(retryAfterSeconds) } },
  )
}
