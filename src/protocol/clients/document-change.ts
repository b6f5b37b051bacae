/**
 * A client that is known by its document may say something else there than when it entered the
 * log. What it says now is recorded when the client is next used.
 *
 * @see [OAuth Client ID Metadata Document §4.4 - Metadata Caching](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-00#section-4.4)
 */
import { clientDecider } from '../../domain/client.ts'
import { execute } from '../../domain/execute.ts'
import type { Services } from '../services.ts'
import { type KnownClient, lookUpClient } from './known-client.ts'

export async function recordDocumentChange(
  services: Services,
  { clientId, changed }: KnownClient,
  correlationId: string,
): Promise<void> {
  if (!changed) return
  const cause = { actor: `client:${clientId}`, correlationId }
  await execute<string>(services.log, cause, async (work) => {
    await work.read(clientDecider, clientId)
    // Of many uses at once one records it.
    const again = await lookUpClient(services, clientId)
    if (!again?.changed) return { outcome: 'accepted' }
    return work.decide(clientDecider, clientId, { kind: 'change metadata', ...again.changed })
  })
}
