/**
 * A client enters the log with the first thing that it is given, and wakes with a later one. Which
 * it is, is decided inside the unit of work that gives it, on what is read there.
 *
 * @see [RFC 7591 §3 - Client Registration Endpoint](https://www.rfc-editor.org/rfc/rfc7591.html#section-3)
 */
import { type ClientState, clientDecider } from '../../domain/client.ts'
import type { Verdict, Work } from '../../domain/execute.ts'
import type { Services } from '../services.ts'
import { needsWaking, wake } from './hibernation.ts'
import { type KnownClient, lookUpClient, provisionalClientKind } from './known-client.ts'

export interface Admission {
  readonly clientId: string
  readonly now: number
  /** The client as this request found it before, where nothing depends on what it registered. */
  readonly found?: KnownClient
}

/** One that is in the log, awake, and described by nothing else is good while the log says so. */
function isAsFound(known: ClientState, found: KnownClient | undefined): found is KnownClient {
  if (!found || found.provisional || found.registeredVia === 'document') return false
  return known.status === 'active' && !known.hibernating
}

/** The client as it is now, and good; or why it is given nothing. */
export async function admitClient(
  services: Services,
  work: Work,
  { clientId, now, found }: Admission,
): Promise<{ client: KnownClient } | { verdict: Verdict<string> }> {
  const known = await work.read(clientDecider, clientId)
  // Looked up after the guard stands: what is read here is what the append holds for.
  const client = isAsFound(known, found) ? found : await lookUpClient(services, clientId)
  if (!client) return { verdict: work.reject('client_unknown') }
  if (known.status === 'unknown' && client.provisional) {
    const registration = client.provisional
    const command = { kind: 'register', registration } as const
    const registered = await work.decide(clientDecider, clientId, command)
    if (registered.outcome === 'refused') return { verdict: registered }
    // A document is kept for others who come by it; a registration is used up.
    if (client.registeredVia !== 'document') {
      work.consumeAsRead({ kind: provisionalClientKind, id: clientId, body: registration })
    }
  } else if (client.changed) {
    const command = { kind: 'change metadata', ...client.changed } as const
    const recorded = await work.decide(clientDecider, clientId, command)
    if (recorded.outcome === 'refused') return { verdict: recorded }
  } else if (needsWaking(client, { settings: services.settings, now })) {
    const woken = await work.decide(clientDecider, clientId, wake(client, now))
    if (woken.outcome === 'refused') return { verdict: woken }
  }
  return { client }
}
