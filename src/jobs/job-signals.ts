/**
 * Wakes whoever waits in this process for something to happen to jobs: everybody who watches that
 * job, and for one that waits in the queue a single worker, who has waited longest. Other processes
 * on the same database are not heard, so whoever waits also looks for itself now and then.
 */
import type { EventLog } from '../domain/event-log.ts'
import type { JobState, KnownJob } from '../domain/job.ts'

interface Waiting {
  readonly wants: (job: KnownJob) => 'all' | 'one' | 'none'
  readonly wake: () => void
}

const waitingOn = new WeakMap<EventLog, Set<Waiting>>()
const closed = new WeakSet<EventLog>()

/** After every append to a job, with its state from then on. */
export function signalJob(log: EventLog, job: JobState): void {
  if (job.status === 'unknown') return
  let isTaken = false
  for (const { wants, wake } of [...(waitingOn.get(log) ?? [])]) {
    const wish = wants(job)
    if (wish === 'none' || (wish === 'one' && isTaken)) continue
    if (wish === 'one') isTaken = true
    wake()
  }
}

/** Before the process ends, so that nobody keeps it waiting. */
export function stopWaiting(log: EventLog): void {
  closed.add(log)
  for (const { wake } of [...(waitingOn.get(log) ?? [])]) wake()
}

export function isWaitingOver(log: EventLog): boolean {
  return closed.has(log)
}

interface Patience {
  readonly ms: number
  /** Ends the waiting when nobody wants the answer any more. */
  readonly signal: AbortSignal
}

/** Until something happens to the job, or the time is over. */
export function waitForJob(log: EventLog, jobId: string, patience: Patience): Promise<void> {
  return wait(log, (job) => (job.jobId === jobId ? 'all' : 'none'), patience)
}

/** Until there may be a job for this worker, or the time is over. */
export function waitForQueue(
  log: EventLog,
  { does, ...patience }: Patience & { readonly does: (tool: string) => boolean },
): Promise<void> {
  return wait(
    log,
    ({ tool, status, approvalId }) =>
      status === 'queued' && approvalId === undefined && does(tool) ? 'one' : 'none',
    patience,
  )
}

function wait(log: EventLog, wants: Waiting['wants'], { ms, signal }: Patience): Promise<void> {
  if (signal.aborted || closed.has(log)) return Promise.resolve()
  const all = waitingOn.get(log) ?? new Set<Waiting>()
  waitingOn.set(log, all)
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      all.delete(waiting)
      resolve()
    }
    const waiting: Waiting = { wants, wake }
    const timer = setTimeout(wake, ms)
    signal.addEventListener('abort', wake)
    all.add(waiting)
  })
}
