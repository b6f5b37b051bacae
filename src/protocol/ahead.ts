/**
 * What a request at the token endpoint is sure to need, asked for before anything of it is checked:
 * to a server far away all of it goes in one journey, with the question whether the client has to
 * wait. Where questions are remembered nothing is asked ahead.
 *
 *   [ brake, client, streams ] ─▶ checked, decided ─▶ [ append ]
 *
 * @see [RFC 6749 §3.2 - Token Endpoint](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)
 */
import { clientDecider } from '../domain/client.ts'
import { streamOf } from '../domain/decider.ts'
import type { FoldedStream } from '../domain/event-log.ts'
import { grantDecider } from '../domain/grant.ts'
import { sha256 } from '../domain/keyring.ts'
import { clientIdCharactersMax, type KnownClient, lookUpClient } from './clients/known-client.ts'
import { holderStream } from './grants/grant-holder.ts'
import { rememberedOwner } from './grants/token-owners.ts'
import type { Services } from './services.ts'

export interface Ahead {
  /** The client that the request says it is from. */
  readonly client: Promise<KnownClient | undefined>
  /** For the first attempt at a decision, which is guarded by what was read. */
  readonly streams: Promise<readonly FoldedStream[]>
}

interface Wanted {
  readonly clientId: string
  /** Of a request for a token. */
  readonly form?: URLSearchParams
}

/** Undefined where it would gain nothing. */
export function lookAhead(services: Services, wanted: Wanted): Ahead | undefined {
  if (services.reader.noting) return undefined
  const client = lookUpClient(services, wanted.clientId, 'last good')
  const streams = services.log.load(streamsFor(services, wanted))
  // Whoever has to wait is told so, whatever comes of these.
  for (const asked of [client, streams]) asked.catch(() => undefined)
  return { client, streams }
}

function streamsFor(services: Services, { form, clientId }: Wanted): string[] {
  if (!form || clientId.length > clientIdCharactersMax) return []
  const given = form.get('refresh_token') ?? form.get('code')
  const owner = given === null ? undefined : rememberedOwner(services, sha256(given))
  const client = [clientDecider, clientId] as const
  const grant = owner && [[grantDecider, owner.grantId] as const, holderStream(owner.userId)]
  return [client, ...(grant ?? [])].map(([{ noun }, id]) => streamOf(noun, id))
}
