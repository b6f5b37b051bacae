/** Takes the steps of the signing keys that are due: publish, activate, withdraw. */
import { signingAlgorithms } from '../domain/signing-key.ts'
import type { Services } from '../protocol/services.ts'
import { advanceKeys, keySchedule } from '../protocol/tokens/key-rotation.ts'

export async function rotateKeys(
  services: Pick<Services, 'log' | 'now' | 'settings'>,
): Promise<void> {
  const schedule = keySchedule(services.settings)
  for (const algorithm of signingAlgorithms) await advanceKeys(services, algorithm, schedule)
}
