/**
 * What an administrator names in full is looked up: an id, or a person's whole address. Only less
 * than that has to be searched for among all.
 */
import { findAgent } from '../projections/agents.ts'
import { findApiToken } from '../projections/api-tokens.ts'
import { findClient } from '../projections/clients.ts'
import { findGrant } from '../projections/grants.ts'
import type { ListAsked } from '../projections/lists.ts'
import { findUser } from '../projections/users.ts'
import { findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'

type Found = Pick<ListAsked, 'userId' | 'clientId' | 'id'>

export type LookUp = (services: Services, words: string) => Promise<Found | undefined>

export const person: LookUp = async (services, words) => {
  const address = normalizeEmail(words)
  const user =
    address === undefined
      ? await findUser(services.reader, words)
      : await findUserByEmail(services, address)
  return user && { userId: user.userId }
}

export const app: LookUp = async ({ reader }, words) => {
  const client = await findClient(reader, words)
  return client && { clientId: client.clientId }
}

export const consent: LookUp = async ({ reader }, words) => {
  const grant = await findGrant(reader, words)
  return grant && { id: grant.grantId }
}

export const apiToken: LookUp = async ({ reader }, words) => {
  const token = await findApiToken(reader, words)
  return token && { id: token.apiTokenId }
}

export const agent: LookUp = async ({ reader }, words) => {
  const found = await findAgent(reader, words)
  return found && { id: found.agentId }
}

/** An agent that was given something, as who has it. */
export const agentAsPerson: LookUp = async ({ reader }, words) => {
  const found = await findAgent(reader, words)
  return found && { userId: found.agentId }
}

export const session: LookUp = async (_, words) =>
  /^ses_[0-9a-f]{32}$/.test(words) ? { id: words } : undefined

export async function lookUp(
  services: Services,
  words: string,
  ways: readonly LookUp[],
): Promise<Found | undefined> {
  for (const way of ways) {
    const found = await way(services, words)
    if (found) return found
  }
  return undefined
}
