/** Puts clients to sleep that nobody uses: see protocol/clients/hibernation.ts. */
import { clientDecider } from '../domain/client.ts'
import { execute } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { findIdleClients, isIdle } from '../projections/clients.ts'
import { idleSeconds } from '../protocol/clients/hibernation.ts'
import type { Services } from '../protocol/services.ts'

/** So that nobody who signs in waits for it; the rest have their turn a minute later. */
const clientsPerRun = 100

/** @returns how many went to sleep */
export async function hibernateClients(
  services: Pick<Services, 'log' | 'reader' | 'settings' | 'now'>,
): Promise<number> {
  const { log, reader, settings, now } = services
  const since = now() - idleSeconds(settings) * 1000
  const cause = { actor: 'system:hibernate-clients', correlationId: newId('tsk') }
  let asleep = 0
  for (const clientId of await findIdleClients(reader, { since, rowsMax: clientsPerRun })) {
    const { outcome } = await execute<string>(log, cause, async (work) => {
      await work.read(clientDecider, clientId)
      // Asked again now that its stream is guarded: somebody may have consented meanwhile.
      if (!(await isIdle(reader, { clientId, since }))) return work.reject('client_in_use')
      return work.decide(clientDecider, clientId, { kind: 'hibernate', now: now() })
    })
    if (outcome === 'accepted') asleep += 1
  }
  return asleep
}
