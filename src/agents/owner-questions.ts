/**
 * What an owner is asked on behalf of an agent: whether it may give this client access to that
 * resource. A question stands on the owner's page until it is answered, or for some days.
 */

import { sha256 } from '../domain/keyring.ts'
import type { AuthorizationRequest } from '../protocol/authorization/authorization-request.ts'
import type { Services } from '../protocol/services.ts'

const questionsMax = 50
const daysKept = 7

export interface OwnerQuestion {
  readonly agentId: string
  readonly clientId: string
  readonly redirectUri: string
  readonly resource: string
  readonly scopes: readonly string[]
  readonly askedAt: number
}

function kindFor(ownerId: string): string {
  return `agent-questions-for ${ownerId}`
}

/** The same again is one question, with the scopes that were asked for last. */
export async function askOwner(
  { expiring, now }: Pick<Services, 'expiring' | 'now'>,
  ownerId: string,
  asked: { readonly agentId: string; readonly request: AuthorizationRequest },
): Promise<void> {
  const { agentId, request } = asked
  const { clientId, redirectUri } = request
  const kind = kindFor(ownerId)
  const askedAt = now()
  for (const { resource, scopes } of request.access) {
    const question: OwnerQuestion = { agentId, clientId, redirectUri, resource, scopes, askedAt }
    const others = await expiring.list(kind, questionsMax)
    const id = idOf(question)
    if (others.length >= questionsMax && !others.some((other) => other.id === id)) return
    const expiresAt = askedAt + daysKept * 24 * 3600 * 1000
    await expiring.put({ kind, id, body: question, expiresAt })
  }
}

export async function questionsFor(
  { expiring }: Pick<Services, 'expiring'>,
  ownerId: string,
): Promise<{ id: string; question: OwnerQuestion }[]> {
  const entries = await expiring.list(kindFor(ownerId), questionsMax)
  return entries.map(({ id, body }) => ({ id, question: body as OwnerQuestion }))
}

export async function forgetQuestion(
  { expiring }: Pick<Services, 'expiring'>,
  ownerId: string,
  id: string,
): Promise<void> {
  await expiring.remove(kindFor(ownerId), id)
}

function idOf({ agentId, clientId, resource }: OwnerQuestion): string {
  return sha256(JSON.stringify([agentId, clientId, resource]))
}
