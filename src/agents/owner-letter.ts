/**
 * Tells the person whom an agent names, in words that are ours alone: anybody may have registered
 * it. Nobody is written to often, however many agents name them, and the link in the letter holds
 * no secret: what counts is the account that they then sign in with.
 */
import { putLetter } from '../identity/outbox.ts'
import type { WaitingAgent } from '../protocol/known-agent.ts'
import type { Services } from '../protocol/services.ts'

const lettersPerDayMax = 3
const daySeconds = 24 * 3600
export const agentsPage = '/account/agents'

/** Where the agents that name an address wait, so that its owner can find them. */
export function waitingForKind(ownerEmailKey: string): string {
  return `agents-waiting-for ${ownerEmailKey}`
}

export async function tellOwner(
  services: Services,
  { handle, ownerEmail, ownerEmailKey, agentId, expiresAt }: WaitingAgent,
  language: string,
): Promise<void> {
  const { expiring, mail } = services
  const kind = waitingForKind(ownerEmailKey)
  await expiring.put({ kind, id: agentId, body: { handle }, expiresAt })
  const letters = await expiring.count('agent-letters', ownerEmailKey, daySeconds)
  if (!mail.isReady || letters > lettersPerDayMax) return
  await putLetter(services, { to: ownerEmail, kind: 'agentRegistered', language, page: agentsPage })
}
