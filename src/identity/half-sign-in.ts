/**
 * Somebody between the first proof and the second: no session yet, only an entry that ends in
 * minutes and counts in one browser alone.
 */
import { newId } from '../domain/ids.ts'
import { findUser, type User } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'

const kind = 'half-sign-in'
const halfSeconds = 10 * 60

export interface HalfSignIn {
  readonly userId: string
  /** What was shown so far. */
  readonly amr: readonly string[]
  readonly authenticatedAt?: number
  readonly browser: string
  /** Where to go on afterwards, below this server. */
  readonly onward: string
}

export async function startHalf(
  { expiring, now }: Pick<Services, 'expiring' | 'now'>,
  half: HalfSignIn,
): Promise<string> {
  const id = newId('hsi')
  await expiring.put({ kind, id, body: half, expiresAt: now() + halfSeconds * 1000 })
  return id
}

export async function findHalf(
  { expiring, reader }: Pick<Services, 'expiring' | 'reader'>,
  id: string,
  browser: string,
): Promise<{ half: HalfSignIn; user: User } | undefined> {
  const half = (await expiring.get(kind, id)) as HalfSignIn | undefined
  if (half?.browser !== browser) return undefined
  const user = await findUser(reader, half.userId)
  return user?.status === 'active' ? { half, user } : undefined
}

/** True for the first who finishes it. */
export async function finishHalf(
  { expiring }: Pick<Services, 'expiring'>,
  id: string,
): Promise<boolean> {
  return (await expiring.take(kind, id)) !== undefined
}
