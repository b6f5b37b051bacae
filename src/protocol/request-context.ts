/**
 * What belongs to one request and not to the application: its id, and who is at the other end.
 *
 * `X-Forwarded-For` is believed only from a configured proxy: anybody else could write anything.
 *
 * @see [RFC 7239 §8.1 - Header Validity and Integrity](https://www.rfc-editor.org/rfc/rfc7239.html#section-8.1)
 */
import { BlockList, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { LRUCache } from 'lru-cache'
import type { Settings } from '../config/settings.ts'
import { newId } from '../domain/ids.ts'

const addressesMax = 1_000

export interface RequestContext {
  /** Also the correlation id of every event that the request causes. */
  readonly requestId: string
  readonly remoteAddress: string
  /** Whether it came by way of a proxy that is believed. */
  readonly isFromProxy: boolean
}

/** Most requests are answered without anybody asking for their id, so it is made when it is. */
class Context implements RequestContext {
  readonly remoteAddress: string
  readonly isFromProxy: boolean
  #requestId: string | undefined

  constructor(remoteAddress = '', isFromProxy = false) {
    this.remoteAddress = remoteAddress
    this.isFromProxy = isFromProxy
  }

  get requestId(): string {
    this.#requestId ??= newId('rid')
    return this.#requestId
  }
}

/** Stands on the request itself: a table beside it, whose entries come and go, takes several times as long. */
const ofRequest = Symbol('context')

type Known = Request & { [ofRequest]?: RequestContext }

export function contextOf(request: Known): RequestContext {
  request[ofRequest] ??= new Context()
  return request[ofRequest]
}

/** The path as it was sent, which is also how the router reads it. */
export function pathOf({ url }: Pick<Request, 'url'>): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  if (start < 0) return '/'
  const end = url.slice(start).search(/[?#]/)
  return end < 0 ? url.slice(start) : url.slice(start, start + end)
}

export type AddressReader = (request: Request, peer: string) => string

export type PeerMemory = (request: Request, peer: string) => void

/** Remembers who sent a request, before the application sees it. */
export function peerMemory(settings: Settings): PeerMemory {
  const addressOf = addressReader(settings)
  const isProxy = proxyCheck(settings)
  return (request: Known, peer) => {
    request[ofRequest] = new Context(addressOf(request, peer), isProxy(plain(peer)))
  }
}

/** The client's address: the peer's own, or what a trusted proxy says, read from the right. */
export function addressReader(settings: Settings): AddressReader {
  const isProxy = proxyCheck(settings)
  return (request, peer) => {
    let address = plain(peer)
    const forwarded = settings.trustedProxies.length > 0 && request.headers.get('x-forwarded-for')
    if (!forwarded) return address
    const hops = forwarded.split(',').map((hop) => hop.trim())
    while (hops.length > 0 && isProxy(address)) {
      const hop = hops.pop()
      if (!hop) break
      address = plain(hop)
    }
    return address
  }
}

function proxyCheck({ trustedProxies }: Settings): (address: string) => boolean {
  if (trustedProxies.length === 0) return () => false
  const trusted = blockList(trustedProxies)
  // Proxies are few, and ask all the time.
  const known = new LRUCache<string, boolean>({ max: addressesMax })
  return (address) => {
    const isKnown = known.get(address)
    if (isKnown !== undefined) return isKnown
    const isTrusted = trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
    known.set(address, isTrusted)
    return isTrusted
  }
}

/** IPv4 addresses that arrive in IPv6 form are IPv4 addresses. */
function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** What one party holds for certain: an IPv4 address, or the /64 that any IPv6 host may roam in. */
export function networkOf(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address
  return `${ipaddr.IPv6.parse(address)
    .parts.slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}
