/** Who an event names as its cause, in words: people, clients and agents by the names they have now. */
import { findAgent } from '../projections/agents.ts'
import { findClient } from '../projections/clients.ts'
import type { Reader } from '../projections/statement.ts'
import { findUser } from '../projections/users.ts'

export interface NamedActor {
  readonly kind: 'person' | 'client' | 'agent' | 'server'
  /** Null where there is none any more. */
  readonly name: string | null
}

export async function nameActors(
  reader: Reader,
  actors: readonly string[],
): Promise<Record<string, NamedActor>> {
  const named = [...new Set(actors)].map(async (actor) => [actor, await nameOf(reader, actor)])
  return Object.fromEntries(await Promise.all(named))
}

async function nameOf(reader: Reader, actor: string): Promise<NamedActor> {
  const [, kind, id = ''] = /^(user|client|agent):(.*)$/.exec(actor) ?? []
  if (kind === 'user') {
    const user = await findUser(reader, id)
    return { kind: 'person', name: user?.name ?? user?.email ?? null }
  }
  if (kind === 'client') {
    const client = await findClient(reader, id)
    return { kind: 'client', name: client?.metadata.clientName ?? null }
  }
  if (kind === 'agent') {
    return { kind, name: (await findAgent(reader, id))?.handle ?? null }
  }
  return { kind: 'server', name: actor }
}
