/**
 * The one way out: every request that this server makes because somebody named a URL.
 *
 *   a URL ─ https, port 443, no credentials ─▶ its name is looked up, once
 *        ─ every address of it is public ─▶ so many a minute ─▶ that address is connected to
 *        ─ 3 seconds, so many bytes, no redirect ─▶ the answer
 *
 * Between look-up and connection there is no second look-up, so a name that changes its address
 * gains nothing. What a failure was is for our log; a client is told none of it, and sees nothing
 * of a body: what this server can reach is not a stranger's to explore.
 *
 * @see [RFC 7591 §5 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7591.html#section-5)
 */
import { lookup } from 'node:dns/promises'
import { isIP, isIPv4 } from 'node:net'
import type { Settings } from '../../config/settings.ts'
import type { Expiring } from '../../domain/expiring.ts'
import { exchange, type OutboundRequest, type OutboundResponse, TooLarge } from './exchange.ts'
import { openStream, type StreamedRequest, type StreamedResponse } from './open-stream.ts'
import { isLoopbackAddress, isPublicAddress } from './public-address.ts'

export const outboundSecondsMax = 3
const operatorSecondsMax = 10
const addressesTriedMax = 3

export type OutboundFailureReason =
  | 'url_refused'
  | 'address_refused'
  | 'rate_limited'
  | 'timed_out'
  | 'redirected'
  | 'too_large'
  | 'unreachable'

export type OutboundOutcome =
  | ({ readonly outcome: 'answered' } & OutboundResponse)
  | {
      readonly outcome: 'failed'
      readonly reason: OutboundFailureReason
      /** For our log, and for nobody else. */
      readonly cause: string
    }

export type Failed = Extract<OutboundOutcome, { outcome: 'failed' }>

export type OpenedOutcome = ({ readonly outcome: 'opened' } & StreamedResponse) | Failed

/** Every address of a name, as the system finds them. */
export type Resolve = (name: string) => Promise<readonly string[]>

export interface GuardedFetchParts {
  readonly settings: Pick<Settings, 'outbound'>
  readonly expiring: Pick<Expiring, 'count'>
  /** PEM of authorities that are believed beside the public ones. */
  readonly authorities?: readonly string[]
  readonly resolve?: Resolve
  readonly timeoutMs?: number
}

export class GuardedFetch {
  readonly #parts: GuardedFetchParts
  readonly #underWay = new Map<string, Promise<OutboundOutcome>>()

  constructor(parts: GuardedFetchParts) {
    this.#parts = parts
  }

  /** Asks once for all who want the same thing at the same time. */
  request(asked: OutboundRequest): Promise<OutboundOutcome> {
    if (asked.method !== undefined && asked.method !== 'GET') return this.#ask(asked)
    const { url, headers, bytesMax, known, ofOperator } = asked
    const key = JSON.stringify([url, headers, bytesMax, known, ofOperator, asked.encoding])
    const underWay = this.#underWay.get(key)
    if (underWay) return underWay
    const asking = this.#ask(asked).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, asking)
    return asking
  }

  /**
   * An answer that is read as it comes, for what the operator named alone. A redirect is an answer
   * like any other, and is not followed.
   */
  async open(asked: StreamedRequest): Promise<OpenedOutcome> {
    const url = URL.parse(asked.url)
    const isPlain = url !== null && url.username === '' && url.password === ''
    if (!isPlain) return failed('url_refused', 'its form')
    const inClear = url.protocol === 'http:'
    if (inClear && !asked.allowPrivate) return failed('url_refused', 'plain http')
    const addresses = await this.#addressesOf(url)
    const bad = addresses.find((address) =>
      inClear ? isPublicAddress(address) : !asked.allowPrivate && !isPublicAddress(address),
    )
    if (bad !== undefined) return failed('address_refused', `${url.hostname} is at ${bad}`)
    const { authorities } = this.#parts
    let last: unknown = `no address of ${url.hostname}`
    for (const address of addresses.slice(0, addressesTriedMax)) {
      try {
        return { outcome: 'opened', ...(await openStream(asked, { address, authorities })) }
      } catch (error) {
        last = error
        if (!isNoConnection(error)) break
      }
    }
    const isLate = last instanceof Error && last.name === 'TimeoutError'
    return failed(isLate ? 'timed_out' : 'unreachable', `${url.host}: ${last}`)
  }

  async #ask(asked: OutboundRequest): Promise<OutboundOutcome> {
    const url = URL.parse(asked.url)
    if (!url) return failed('url_refused', 'not a URL')
    const allowed = this.#parts.settings.outbound.allowedHosts.includes(hostAndPort(url))
    const refusal = refusalOf(url, allowed)
    if (refusal !== undefined) return failed('url_refused', refusal)
    const limit = new AbortController()
    const ends = new Promise<Failed>((resolve) =>
      limit.signal.addEventListener('abort', () => resolve(failed('timed_out', url.host))),
    )
    const secondsMax =
      asked.ofOperator && !asked.personWaits ? operatorSecondsMax : outboundSecondsMax
    const { timeoutMs = asked.timeoutMs ?? secondsMax * 1000 } = this.#parts
    const timer = setTimeout(() => limit.abort(), timeoutMs)
    try {
      return await Promise.race([ends, this.#askHost(asked, { url, allowed, limit })])
    } finally {
      clearTimeout(timer)
    }
  }

  async #askHost(
    asked: OutboundRequest,
    { url, allowed, limit }: { url: URL; allowed: boolean; limit: AbortController },
  ): Promise<OutboundOutcome> {
    const addresses = await this.#addressesOf(url)
    if (addresses.length === 0) return failed('unreachable', `no address of ${url.hostname}`)
    const isGood = allowedAddresses(url, allowed)
    const bad = addresses.find((address) => !isGood(address))
    if (bad !== undefined) return failed('address_refused', `${url.hostname} is at ${bad}`)
    if (!asked.ofOperator && !(await this.#mayAsk(url, asked.known === true)))
      return failed('rate_limited', url.host)
    const { signal } = limit
    const { authorities } = this.#parts
    let last: unknown
    for (const address of addresses.slice(0, addressesTriedMax)) {
      try {
        return answered(await exchange(asked, { address, signal, authorities }))
      } catch (error) {
        if (error instanceof TooLarge) return failed('too_large', error.message)
        last = error
        if (!isNoConnection(error)) break
      }
    }
    return failed('unreachable', `${url.host}: ${last}`)
  }

  /** IPv4 first, as nobody tries the families side by side here. */
  async #addressesOf(url: URL): Promise<readonly string[]> {
    const name = url.hostname.replace(/^\[|\]$/g, '')
    if (isIP(name) !== 0) return [name]
    try {
      const found = await (this.#parts.resolve ?? systemResolve)(name)
      return [...found].sort((a, b) => Number(isIPv4(b)) - Number(isIPv4(a)))
    } catch {
      return []
    }
  }

  async #mayAsk({ hostname }: URL, known: boolean): Promise<boolean> {
    const { requestsPerHostMax, requestsMax } = this.#parts.settings.outbound
    const { expiring } = this.#parts
    const whose = known ? 'known' : 'strangers'
    const ofHost = await expiring.count('outbound-host', `${whose} ${hostname}`, 60)
    if (ofHost > requestsPerHostMax) return false
    return (await expiring.count('outbound', whose, 60)) <= requestsMax
  }
}

/** Why no connection at all is made for this URL. */
function refusalOf(url: URL, allowed: boolean): string | undefined {
  if (url.username !== '' || url.password !== '') return 'credentials in the URL'
  if (url.protocol === 'http:' && allowed) return undefined
  if (url.protocol !== 'https:') return `scheme ${url.protocol}`
  return url.port === '' || allowed ? undefined : `port ${url.port}`
}

/** An operator's own host may be anywhere; in clear it is asked on this machine alone. */
function allowedAddresses(url: URL, allowed: boolean): (address: string) => boolean {
  if (url.protocol === 'http:') return isLoopbackAddress
  return allowed ? () => true : isPublicAddress
}

/** As `outbound.allowed_hosts` spells it: the port is there unless it is 443. */
function hostAndPort(url: URL): string {
  return url.protocol === 'http:' && url.port === '' ? `${url.hostname}:80` : url.host
}

function answered(response: OutboundResponse): OutboundOutcome {
  if (response.status >= 300 && response.status < 400) {
    return failed('redirected', `status ${response.status}`)
  }
  return { outcome: 'answered', ...response }
}

function failed(reason: OutboundFailureReason, cause: string): Failed {
  return { outcome: 'failed', reason, cause }
}

/** Nothing was sent, so the next address may be tried. */
function isNoConnection(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return (
    typeof code === 'string' &&
    /^(ECONNREFUSED|ConnectionRefused|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL)$/.test(code)
  )
}

async function systemResolve(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true })
  return found.map(({ address }) => address)
}
