/** What may be asked of a job, and why it is refused. */
import type { JobCancellation, JobPause, Payment, QueuedJob } from './job-events.ts'
import type { Explained } from './reason.ts'

/** What the worker says that carries the job out. */
export type JobStep =
  | { readonly kind: 'progress'; readonly note: string; readonly percent?: number }
  | {
      readonly kind: 'pause'
      readonly pause: JobPause
      readonly note: string
      readonly url?: string
      readonly payment?: Payment
      readonly shownHash: string
      readonly approvalId?: string
      readonly expiresAt: number
    }
  | { readonly kind: 'finish'; readonly result: unknown }
  | { readonly kind: 'fail'; readonly code: string; readonly message: string }
  | { readonly kind: 'let go'; readonly expiresAt: number }

export type WorkerStep = JobStep & { readonly leaseHash: string; readonly now: number }

export interface Resumption {
  readonly kind: 'resume'
  /** The pause that the person answers. */
  readonly shownHash: string
  /** What was approved, where that was asked. */
  readonly approvalId?: string
  readonly answer?: string
  /** Whether the worker that paused still waits for it. */
  readonly isHeld: boolean
  readonly expiresAt: number
  readonly now: number
}

/** The worker is not heard of any more. */
export interface LeaseEnd {
  readonly kind: 'end lease'
  readonly leaseHash: string
  readonly attemptsMax: number
  readonly expiresAt: number
  readonly now: number
}

export type JobCommand =
  | { readonly kind: 'queue'; readonly job: QueuedJob }
  | { readonly kind: 'approve'; readonly approvalId: string; readonly now: number }
  | {
      readonly kind: 'claim'
      readonly workerId: string
      readonly leaseHash: string
      readonly now: number
    }
  | WorkerStep
  | Resumption
  | LeaseEnd
  | ({ readonly kind: 'cancel'; readonly reason: JobCancellation } & Explained)
  | { readonly kind: 'expire'; readonly now: number }

export type JobRefusal =
  | 'job_exists'
  | 'job_unknown'
  | 'job_over'
  | 'job_not_queued'
  | 'job_not_running'
  | 'job_not_paused'
  | 'job_not_expired'
  | 'job_unapproved'
  | 'approval_missing'
  | 'approval_differs'
  | 'lease_lost'
  | 'pause_differs'
  | 'too_many_steps'
