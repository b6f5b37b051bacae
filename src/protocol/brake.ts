/**
 * The brake on guessing: whoever fails too often waits, and longer after each further failure.
 * One piece for everything that can be guessed at: passwords, client secrets, user codes.
 *
 * @see [RFC 6749 §2.3.1 - Client Password](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.3.1)
 */
import type { ExpiringKey } from '../domain/event-log.ts'
import type { Services } from './services.ts'

const pauseSecondsMax = 15 * 60

export interface BrakeOptions {
  /** What is guessed at; begins the kinds of its expiring entries. */
  readonly kind: string
  readonly windowSeconds: number
}

export interface Failed {
  /** Failures inside the window, with this one. */
  readonly failures: number
  /** Milliseconds since 1970; 0 when there is no pause. */
  readonly until: number
}

export class Brake {
  readonly #services: Pick<Services, 'expiring' | 'now'>
  readonly #options: BrakeOptions

  constructor(services: Pick<Services, 'expiring' | 'now'>, options: BrakeOptions) {
    this.#services = services
    this.#options = options
  }

  /** How many seconds are left of the longest pause of these; 0 when there is none. */
  async secondsLeft(keys: readonly string[]): Promise<number> {
    const { expiring, now } = this.#services
    const pauses = await Promise.all(keys.map((key) => expiring.get(this.#pauseKind, key)))
    const ends = pauses.map((pause) => (pause as { until: number } | undefined)?.until ?? 0)
    return Math.max(0, Math.ceil((Math.max(0, ...ends) - now()) / 1000))
  }

  /** One second of pause after the last allowed failure, and double with each further one. */
  async fail(key: string, { allowed }: { allowed: number }): Promise<Failed> {
    const { expiring, now } = this.#services
    const failures = await expiring.count(this.#countKind, key, this.#options.windowSeconds)
    const excess = failures - allowed
    if (excess < 0) return { failures, until: 0 }
    const until = now() + Math.min(2 ** Math.min(excess, 20), pauseSecondsMax) * 1000
    await expiring.put({ kind: this.#pauseKind, id: key, body: { until }, expiresAt: until })
    return { failures, until }
  }

  /** The entries of which none is there where nobody has to wait. */
  pausesOf(keys: readonly string[]): ExpiringKey[] {
    return keys.map((id) => ({ kind: this.#pauseKind, id }))
  }

  async forget(key: string): Promise<void> {
    await this.#services.expiring.remove(this.#countKind, key)
  }

  get #countKind(): string {
    return `${this.#options.kind}-failures`
  }

  get #pauseKind(): string {
    return `${this.#options.kind}-pause`
  }
}
