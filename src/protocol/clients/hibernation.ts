/**
 * A registration never runs out: `client_secret_expires_at` is 0. So that clients nobody uses do
 * not pile up either, one without a grant goes out of the table after a while and stays in the log:
 *
 *   no grant, no consent for 90 days ──ClientHibernated──▶ found by its stream alone
 *   its id comes again, a person consents ──ClientWoken──▶ the same id, the same secret
 *
 * A consent does not write to its client's stream, only guards it, and so would not stop a
 * hibernation that was decided just before. Therefore one that comes after half of that time wakes
 * the client whether it sleeps or not: both then write to one stream, and one is decided anew.
 *
 * @see [RFC 7591 §3.2.1 - Client Information Response](https://www.rfc-editor.org/rfc/rfc7591.html#section-3.2.1)
 */
import type { Settings } from '../../config/settings.ts'
import type { ClientCommand, WholeClient } from '../../domain/client.ts'
import { ClientMetadataChanged, ClientRegistered, ClientWoken } from '../../domain/client-events.ts'
import { streamOf } from '../../domain/decider.ts'
import type { EventLog, EventQuery } from '../../domain/event-log.ts'

/** What a client is by its stream: the last event that says all, and what was changed since. */
export async function readHibernating(
  log: EventLog,
  clientId: string,
): Promise<WholeClient | undefined> {
  const newest: EventQuery = {
    streamId: streamOf('client', clientId),
    order: 'newest first',
    limit: 1,
  }
  const types = [ClientRegistered.name, ClientWoken.name]
  const [whole] = await log.read({ ...newest, types })
  if (!whole) return undefined
  const { at, ...facts } = whole.payload as Payload
  const after = whole.position
  const [change] = await log.read({ ...newest, types: [ClientMetadataChanged.name], after })
  const { metadata, contacts } = (change?.payload ?? whole.payload) as Payload
  return {
    ...facts,
    metadata,
    // Null where the key of their subject was erased.
    contacts: contacts ?? [],
    registeredAt: facts.registeredAt ?? at,
  }
}

/** Of a registration, or of a waking: that one repeats when the registration was. */
type Payload = Omit<WholeClient, 'registeredAt' | 'contacts'> & {
  readonly contacts: string[] | null
  readonly registeredAt?: number
  readonly at: number
}

/** Whether a consent must wake this client; `approvedAt` is absent for one that hibernates. */
export function needsWaking(
  { registeredVia, approvedAt }: { registeredVia: string; approvedAt?: number },
  { settings, now }: { settings: Settings; now: number },
): boolean {
  if (registeredVia !== 'dynamic') return false
  const halfMs = settings.registration.hibernateAfterSeconds * 500
  return approvedAt === undefined || approvedAt <= now - halfMs
}

/** The command that brings back exactly what the client was. */
export function wake(client: WholeClient, now: number): ClientCommand {
  const { clientId, registeredVia, registeredAt, metadata, contacts } = client
  const { secretHash, managementHash, shared } = client
  const whole: WholeClient = {
    clientId,
    registeredVia,
    registeredAt,
    metadata,
    contacts,
    ...(secretHash === undefined ? {} : { secretHash }),
    ...(managementHash === undefined ? {} : { managementHash }),
    ...(shared && { shared }),
  }
  return { kind: 'wake', client: whole, now }
}

/** How long nobody uses a client before it sleeps. */
export function idleSeconds({ registration, resources }: Settings): number {
  // A token that a client got for itself has no grant: none may be alive when its client sleeps.
  const longestSeconds = Math.max(...resources.map((r) => r.accessTokenTtlSeconds))
  return Math.max(registration.hibernateAfterSeconds, longestSeconds)
}
