/**
 * What a request at the token endpoint is sure to need, before anything of it is checked. To a
 * server far away all of it goes in one journey, with the question whether the client has to wait:
 *
 *   lookAhead    [ brake, client, streams ] ─▶ checked, decided ─▶ [ append ]
 *
 * And where all of it was seen here before, none of it is asked: what was seen may not be so any
 * more, but then the append is refused, because it guards every bit of it. Whatever does not end
 * with an append is done again, on what the database says:
 *
 *   guessAhead   checked, decided ─▶ [ append, if all was so ]
 *
 * Where questions are remembered for certain, neither gains anything.
 *
 * @see [RFC 6749 §3.2 - Token Endpoint](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)
 */
import { LRUCache } from 'lru-cache'
import { clientDecider } from '../domain/client.ts'
import { streamOf } from '../domain/decider.ts'
import type { EventLog, ExpiringKey, FoldedStream } from '../domain/event-log.ts'
import type { Guess } from '../domain/execute.ts'
import type { TokenRef } from '../domain/token-ref.ts'
import { clientIdCharactersMax, type KnownClient, lookUpClient } from './clients/known-client.ts'
import { holderStream } from './grants/grant-holder.ts'
import { gaveLately, grantIn, grantStreamOf } from './grants/token-owners.ts'
import type { Services } from './services.ts'
import { refOfToken } from './tokens/token-handle.ts'
import { hasTokenShape } from './tokens/token-text.ts'

const clientsMax = 5_000
/** A client of more of them counts as several. */
const clientCharactersMax = 2_000

/** The grant types that end with an append: of client, grant and holder, or of the client alone. */
const streamsPerGrantType = new Map([
  ['refresh_token', 3],
  ['client_credentials', 1],
])

const tokensPresented = [
  ['refresh_token', 'refresh'],
  ['code', 'code'],
] as const

export interface Ahead {
  /** The client that the request says it is from. */
  readonly client: Promise<KnownClient | undefined>
  /** For the first attempt at a decision, which is guarded by what was read. */
  readonly streams: Promise<readonly FoldedStream[]>
  /** Where nothing was asked. */
  readonly guess?: Guess
}

interface Wanted {
  readonly clientId: string
  /** Of a request for a token. */
  readonly form?: URLSearchParams
}

/** Undefined where it would gain nothing. */
export function lookAhead(services: Services, wanted: Wanted): Ahead | undefined {
  if (services.reader.noting) return undefined
  const { clientId } = wanted
  // Seen before the client is asked for: if it is the same in the end, it was so in between.
  const version = services.log.recall?.([clientStream(clientId)])?.[0]?.version
  const client = lookUpClient(services, clientId, 'last good')
  const streams = services.log.load(streamsFor(services, wanted))
  client.then((found) => rememberClient(services, { clientId, found, version })).catch(() => {})
  // Whoever has to wait is told so, whatever comes of these.
  for (const asked of [client, streams]) asked.catch(() => undefined)
  return { client, streams }
}

/**
 * Undefined where something of it was not seen here, or the request does more than to append.
 * @param wanted.absent entries that would speak against it
 */
export function guessAhead(
  services: Services,
  wanted: Wanted & { readonly absent: readonly ExpiringKey[] },
): (Ahead & { readonly guess: Guess }) | undefined {
  const { clientId, form, absent } = wanted
  const known = seenClients(services.log).get(clientId)
  if (!known || !form || form.has('client_assertion')) return undefined
  const wants = streamsPerGrantType.get(form.get('grant_type') ?? '')
  const streams = services.log.recall?.(streamsFor(services, wanted))
  if (streams?.length !== wants || streams?.[0]?.version !== known.version) return undefined
  const guess = { streams, absent, isProven: false }
  return { client: Promise.resolve(known.client), streams: Promise.resolve(streams), guess }
}

/** First the client's; then what a code or a refresh token says it is of, as far as that is known. */
function streamsFor({ log }: Services, { form, clientId }: Wanted): string[] {
  if (!form || clientId.length > clientIdCharactersMax) return []
  const ref = refIn(form)
  if (!ref) return [clientStream(clientId)]
  const grant = grantIn(log.recall?.([grantStreamOf(ref)])?.[0])
  const isOfIt = grant && (gaveLately(grant, ref) || grant.codeHash === ref.hash)
  const known = [clientStream(clientId), grantStreamOf(ref)]
  if (!isOfIt) return known
  const [{ noun }, id] = holderStream(grant.userId)
  return [...known, streamOf(noun, id)]
}

function refIn(form: URLSearchParams): TokenRef | undefined {
  for (const [parameter, kind] of tokensPresented) {
    const given = form.get(parameter)
    if (given !== null && hasTokenShape(given, kind)) return refOfToken(given)
  }
  return undefined
}

function clientStream(clientId: string): string {
  return streamOf(clientDecider.noun, clientId)
}

interface SeenClient {
  readonly client: KnownClient
  /** Of its stream, which says everything that is checked of it. */
  readonly version: number
}

/** By the log that the clients are in. */
const clients = new WeakMap<EventLog, LRUCache<string, SeenClient>>()

function seenClients(log: EventLog): LRUCache<string, SeenClient> {
  const known =
    clients.get(log) ??
    new LRUCache<string, SeenClient>({ maxSize: clientsMax, sizeCalculation: roomOf })
  clients.set(log, known)
  return known
}

function roomOf({ client }: SeenClient): number {
  return Math.max(1, Math.ceil(JSON.stringify(client.metadata).length / clientCharactersMax))
}

function rememberClient(
  { log }: Services,
  seen: { clientId: string; found: KnownClient | undefined; version: number | undefined },
): void {
  const { clientId, found, version = 0 } = seen
  // What it says is elsewhere, or not in the log yet.
  const isInLog = found && !found.provisional && found.registeredVia !== 'document'
  if (isInLog && version > 0) seenClients(log).set(clientId, { client: found, version })
  else seenClients(log).delete(clientId)
}
