/** Who an event names as its cause, in words: `user:<id>` and `client:<id>` by the names they have now. */
import { findClient } from '../projections/clients.ts'
import type { Reader } from '../projections/statement.ts'
import { findUser } from '../projections/users.ts'

export interface NamedActor {
  readonly kind: 'person' | 'client' | 'server'
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
  const [, kind, id = ''] = /^(user|client):(.*)$/.exec(actor) ?? []
  if (kind === 'user') {
    const user = await findUser(reader, id)
    return { kind: 'person', name: user?.name ?? user?.email ?? null }
  }
  if (kind === 'client') {
    const client = await findClient(reader, id)
    return { kind: 'client', name: client?.metadata.clientName ?? null }
  }
  return { kind: 'server', name: actor }
}
