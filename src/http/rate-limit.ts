/**
 * Rate limits at the door. What may be asked without a name (registration) is counted by address;
 * the API by the account of its token; what a client asks for in its own name by that client.
 * Nobody can use up what is another's: under a client's name alone stand only requests that it
 * proved to be its own, and failures are counted for client and address together.
 *
 * @see [RFC 6585 §4 - 429 Too Many Requests](https://www.rfc-editor.org/rfc/rfc6585.html#section-4)
 * @see [RateLimit header fields for HTTP](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10)
 */
import { Elysia } from 'elysia'
import { gatewayPaths } from '../config/gateway-settings.ts'
import { snakeCase } from '../config/setting-names.ts'
import { WrongGuess } from '../domain/execute.ts'
import { sha256 } from '../domain/keyring.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import { guessAhead, lookAhead } from '../protocol/ahead.ts'
import { Brake } from '../protocol/brake.ts'
import { claimedClient } from '../protocol/clients/client-authentication.ts'
import { lookUpClient } from '../protocol/clients/known-client.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import {
  CountsInMemory,
  type RateLimitClass,
  RateLimits,
  type Standing,
  tooManyRequests,
} from '../protocol/rate-limits.ts'
import { contextOf, networkOf, pathOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import type { FormRequest } from '../protocol/token.ts'
import { findAccessToken } from '../protocol/tokens/access-token.ts'
import { findApiToken } from '../protocol/tokens/api-token-use.ts'
import { presentedToken } from '../protocol/tokens/bearer.ts'

interface ActingAhead {
  readonly asked: FormRequest
  readonly wanted: { readonly clientId: string; readonly form?: URLSearchParams }
  readonly brakeKeys: readonly string[]
}

const registrationPaths = /^\/(?:(?:oauth2?\/)?register|api\/register-agent)$/
const apiPaths = /^\/(?:(?:api|audit)\/|(?:oauth2?\/)?userinfo$)/
const leakPath = '/api/tokens/leaked'
const tokenPaths = /^\/(?:oauth2?\/)?token$/

export const rateLimitHeaders = [
  ...['RateLimit', 'RateLimit-Policy'],
  ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
] as const

/** Must come before the routes that it is for. */
export function rateLimit(limiter: RequestLimiter) {
  return new Elysia({ name: 'rate-limit' }).onBeforeHandle({ as: 'global' }, ({ request }) =>
    limiter.admit(request),
  )
}

export class RequestLimiter {
  readonly #services: Services
  readonly #limits: RateLimits
  readonly #brake: Brake
  readonly #gateways: readonly string[]
  readonly #standings = new WeakMap<Request, Standing[]>()
  #failures = 0

  constructor(services: Services) {
    const { settings, now } = services
    this.#services = services
    this.#gateways = gatewayPaths(settings)
    this.#limits = new RateLimits(settings, new CountsInMemory(now))
    const windowSeconds = settings.limits.signInWindowSeconds
    this.#brake = new Brake(services, { kind: 'client-secret', windowSeconds })
  }

  /** @throws {OAuthError} rate_limit_exceeded (429), at the paths that anybody may ask */
  async admit(request: Request): Promise<void> {
    const pathname = pathOf(request)
    if (registrationPaths.test(pathname)) {
      if (request.method === 'POST') this.#count(request, 'registration', addressOf(request))
    } else if (pathname === leakPath) {
      this.#count(request, 'leakReports', addressOf(request))
    } else if (this.#isApi(pathname) && this.#limits.isOn('api', pathname)) {
      this.#count(request, 'api', await this.#callerOf(request))
    }
  }

  /**
   * What a client asks for with its credentials, which may be wrong.
   * @throws {OAuthError} rate_limit_exceeded (429), and whatever `act` throws
   */
  async attempt<T>(
    request: Request,
    asked: FormRequest,
    act: (asked: FormRequest) => Promise<T>,
  ): Promise<T> {
    const claimed = claimedClient(this.#services.settings, asked)
    const { clientId = '' } = claimed ?? {}
    const here = `${clientId} ${addressOf(request)}`
    const isToken = tokenPaths.test(pathOf(request))
    const isRefresh = isToken && asked.form.get('grant_type') === 'refresh_token'
    this.#look(request, 'failedAuthentication', here)
    if (isRefresh) {
      this.#look(request, 'refresh', here)
      this.#look(request, 'refresh', clientId)
    }
    try {
      const wanted = { clientId, ...(isToken && { form: asked.form }) }
      const brakeKeys = claimed?.hasSecret ? [brakeKey(here)] : []
      const result = claimed
        ? await this.#actAhead({ asked, wanted, brakeKeys }, act)
        : await act(asked)
      if (isRefresh) this.#count(request, 'refresh', clientId)
      return result
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      if (error.code === 'invalid_client') {
        this.#count(request, 'failedAuthentication', here)
        if (claimed?.hasSecret) await this.#slowDown(clientId, here)
      } else if (isRefresh && error.code !== 'rate_limit_exceeded') {
        this.#count(request, 'refresh', here)
      }
      throw error
    }
  }

  /** By what was seen here last, and unless an append has proved that, by what the database says. */
  async #actAhead<T>(
    { asked, wanted, brakeKeys }: ActingAhead,
    act: (asked: FormRequest) => Promise<T>,
  ): Promise<T> {
    const absent = this.#brake.pausesOf(brakeKeys)
    // A proof is used up when it is read.
    const isOnce = asked.proof !== undefined
    const guessed = isOnce ? undefined : guessAhead(this.#services, { ...wanted, absent })
    if (guessed) {
      const { guess } = guessed
      const result = await act({ ...asked, ahead: guessed }).catch((error) => {
        const isWrong = error instanceof WrongGuess || error instanceof OAuthError
        if (guess.isProven || !isWrong) throw error
      })
      if (guess.isProven) return result as T
    }
    const ahead = lookAhead(this.#services, wanted)
    await this.#requireNoPause(brakeKeys)
    return act(ahead ? { ...asked, ahead } : asked)
  }

  /** Changes whenever somebody may have to wait who had not to before. */
  get failures(): number {
    return this.#failures
  }

  /**
   * What a client asks for that proved itself by this very request before, here, when `failures`
   * were as many as now.
   * @throws {OAuthError} rate_limit_exceeded (429)
   */
  attemptAgain(request: Request, clientId: string): void {
    this.#look(request, 'failedAuthentication', `${clientId} ${addressOf(request)}`)
  }

  /**
   * What somebody asks for under a name that they have still to prove.
   * @throws {OAuthError} rate_limit_exceeded (429), and whatever `act` throws
   */
  async attemptAs<T>(request: Request, name: string, act: () => Promise<T>): Promise<T> {
    const here = `agent ${name} ${addressOf(request)}`
    this.#look(request, 'failedAuthentication', here)
    try {
      return await act()
    } catch (error) {
      const isWrong = error instanceof OAuthError && error.code === 'invalid_client'
      if (isWrong) this.#count(request, 'failedAuthentication', here)
      throw error
    }
  }

  /** Says in the answer how its sender stands; in the older fields the limit that is tightest. */
  describe(request: Request, { headers }: Response): void {
    const known = this.#standings.get(request)
    if (!known) return
    const standings = known.length > 1 ? [...known].sort(byTightness) : known
    const [tightest] = standings
    if (!tightest) return
    const seconds = ({ resetsAt }: Standing) => secondsUntil(resetsAt, this.#services.now())
    const list = (item: (standing: Standing) => string) =>
      standings.map((each) => `"${settingName(each.name)}";${item(each)}`).join(', ')
    const policy = list(({ requests, perSeconds }) => `q=${requests};w=${perSeconds}`)
    headers.set('RateLimit-Policy', policy)
    headers.set(
      'RateLimit',
      list((each) => `r=${each.remaining};t=${seconds(each)}`),
    )
    headers.set('X-RateLimit-Limit', String(tightest.requests))
    headers.set('X-RateLimit-Remaining', String(tightest.remaining))
    headers.set('X-RateLimit-Reset', String(Math.ceil(tightest.resetsAt / 1000)))
  }

  #count(request: Request, name: RateLimitClass, who: string): void {
    if (this.#isOn(request, name)) this.#require(request, this.#limits.count(name, who))
  }

  #look(request: Request, name: RateLimitClass, who: string): void {
    if (this.#isOn(request, name)) this.#require(request, this.#limits.look(name, who))
  }

  #isApi(pathname: string): boolean {
    return apiPaths.test(pathname) || this.#gateways.includes(pathname)
  }

  #isOn(request: Request, name: RateLimitClass): boolean {
    return this.#limits.isOn(name, pathOf(request))
  }

  #require(request: Request, standing: Standing): void {
    // Nobody has to know a limit that nothing of theirs counts against.
    if (standing.remaining === standing.requests) return
    const known = this.#standings.get(request)
    const others = known?.filter(({ name }) => name !== standing.name) ?? []
    this.#standings.set(request, [...others, standing])
    if (!standing.exceeded) return
    const retryAfterSeconds = secondsUntil(standing.resetsAt, this.#services.now())
    throw tooManyRequests(retryAfterSeconds, `limit ${settingName(standing.name)} exceeded`)
  }

  async #requireNoPause(brakeKeys: readonly string[]): Promise<void> {
    if (brakeKeys.length === 0) return
    const seconds = await this.#brake.secondsLeft(brakeKeys)
    if (seconds > 0) throw tooManyRequests(seconds, 'too many wrong client secrets')
  }

  /** Names that nobody has are endless, so guessing at them leaves nothing on disk. */
  async #slowDown(clientId: string, here: string): Promise<void> {
    if (!(await lookUpClient(this.#services, clientId))) return
    const allowed = this.#services.settings.limits.clientFailuresMax
    this.#failures += 1
    await this.#brake.fail(brakeKey(here), { allowed })
    this.#failures += 1
  }

  async #findToken(value: string): Promise<LiveToken | undefined> {
    const apiToken = await findApiToken(this.#services, value)
    return apiToken ?? findAccessToken(this.#services, value)
  }

  /** Account before client before address. */
  async #callerOf(request: Request): Promise<string> {
    const presented = presentedToken(request.headers.get('authorization') ?? undefined)
    const token = presented && (await this.#findToken(presented.token))
    // Who shows a bound token has not proved yet that they hold its key.
    if (!token || token.confirmation) return addressOf(request)
    return token.userId ? `account ${token.userId}` : `client ${token.clientId}`
  }
}

const settingNames = new Map<string, string>()

function settingName(name: RateLimitClass): string {
  const known = settingNames.get(name)
  if (known !== undefined) return known
  const spelt = snakeCase(name)
  settingNames.set(name, spelt)
  return spelt
}

function addressOf(request: Request): string {
  return `address ${networkOf(contextOf(request).remoteAddress)}`
}

function brakeKey(here: string): string {
  return sha256(here)
}

function byTightness(a: Standing, b: Standing): number {
  const left = ({ remaining, requests }: Standing) => remaining / requests
  return Number(b.exceeded) - Number(a.exceeded) || left(a) - left(b)
}

function secondsUntil(time: number, now: number): number {
  return Math.max(1, Math.ceil((time - now) / 1000))
}
