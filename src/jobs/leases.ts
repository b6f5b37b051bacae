/**
 * How long a worker has a job: until it has been silent for as long as it said. That is an
 * observation and not in the log: the log has the hash of the lease's secret, which decides whose
 * steps count, whatever clocks say.
 */
import { sha256 } from '../domain/keyring.ts'
import type { Services } from '../protocol/services.ts'
import { hasTokenShape, newToken } from '../protocol/tokens/token-text.ts'

const kind = 'job_lease'
const secondsUnlessSaid = 30

type LeaseServices = Pick<Services, 'expiring' | 'settings' | 'now'>

/** What a worker shows with each step. */
export interface Lease {
  readonly lease: string
  readonly leaseHash: string
}

export function newLease({ settings }: Pick<Services, 'settings'>): Lease {
  const lease = newToken(settings.tokenPrefix, 'lease')
  return { lease, leaseHash: sha256(lease) }
}

/** Undefined for what cannot be one. */
export function leaseHashOf(lease: string | null): string | undefined {
  return lease !== null && hasTokenShape(lease, 'lease') ? sha256(lease) : undefined
}

/** @returns when it ends unless the worker is heard of again */
export async function holdLease(
  { expiring, settings, now }: LeaseServices,
  leaseHash: string,
  { seconds, extraSeconds = 0 }: { seconds?: number | undefined; extraSeconds?: number } = {},
): Promise<number> {
  const known = seconds === undefined ? await expiring.get(kind, leaseHash) : undefined
  const before = (known as { seconds?: number } | undefined)?.seconds ?? secondsUnlessSaid
  const length = Math.min(seconds ?? before, settings.jobs.leaseSecondsMax)
  const expiresAt = now() + (length + extraSeconds) * 1000
  await expiring.put({ kind, id: leaseHash, body: { seconds: length }, expiresAt })
  return expiresAt
}

export async function isLeaseHeld(
  { expiring }: Pick<Services, 'expiring'>,
  leaseHash: string | undefined,
): Promise<boolean> {
  return leaseHash !== undefined && (await expiring.get(kind, leaseHash)) !== undefined
}
