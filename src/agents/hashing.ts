/**
 * Agents' secrets are hashed for whoever asks, known or not, so only a few are under way at once:
 * a flood waits, a longer one is refused, and people's own sign-ins still get through.
 */

import { tooManyRequests } from '../protocol/rate-limits.ts'
import type { PasswordHash, PasswordHasher } from '../protocol/services.ts'

const atOnceMax = 2
const waitingMax = 50
const busyRetrySeconds = 2

let underWay = 0
const waiting: (() => void)[] = []

async function inBounds<T>(act: () => Promise<T>): Promise<T> {
  if (underWay >= atOnceMax) {
    if (waiting.length >= waitingMax) throw tooManyRequests(busyRetrySeconds, 'too much to hash')
    // Whoever is done hands its place on.
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    underWay += 1
  }
  try {
    return await act()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else underWay -= 1
  }
}

export function hashSecret(hasher: PasswordHasher, secret: string, by: PasswordHash) {
  return inBounds(() => hasher.hash(secret, by))
}

const decoys: WeakMap<PasswordHasher, Map<PasswordHash, Promise<string>>> = new WeakMap()

/** Takes as long where there is no hash as where there is one. */
export async function isRightSecret(
  hasher: PasswordHasher,
  { secret, hash, by }: { secret: string; hash: string | undefined; by: PasswordHash },
): Promise<boolean> {
  const known = decoys.get(hasher) ?? new Map<PasswordHash, Promise<string>>()
  decoys.set(hasher, known)
  const decoy = known.get(by) ?? hasher.hash('nobody has this secret', by)
  known.set(by, decoy)
  const against = hash ?? (await decoy)
  const matches = await inBounds(() => hasher.verify(secret, against))
  return matches && hash !== undefined
}
