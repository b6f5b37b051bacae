/**
 * Tells a client how its job goes on while its call is open, where the operator lets calls wait and
 * the client asked for it. The call ends when the job does, when only the person can go on, or when
 * the time is over; the job goes on in any case, also when the client is gone.
 *
 * @see [MCP 2026-07-28 - Progress](https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/progress)
 */
import type { EventLog } from '../domain/event-log.ts'
import type { JobStatus } from '../domain/job.ts'
import { isWaitingOver, waitForJob } from '../jobs/job-signals.ts'
import { readStory, type Told } from '../jobs/job-story.ts'
import type { ToolRun } from './tool.ts'

/** Other processes on the same database are not heard. */
const lookAgainMs = 2000

/** How many calls wait, by the log that they wait for. */
const waiting = new WeakMap<EventLog, number>()

/** @returns where the job stands then; undefined when nobody waited */
export async function followJob(run: ToolRun, jobId: string): Promise<JobStatus | undefined> {
  const { log, settings } = run.services
  const { progressSeconds } = settings.mcp
  const progressToken = run.context.mcpReq._meta?.progressToken
  if (progressToken === undefined || progressSeconds === 0 || !run.streams) return undefined
  const others = waiting.get(log) ?? 0
  if (others >= settings.jobs.streamsMax) return undefined
  waiting.set(log, others + 1)
  try {
    return await follow(run, { jobId, progressToken, seconds: progressSeconds })
  } finally {
    waiting.set(log, (waiting.get(log) ?? 1) - 1)
  }
}

interface Following {
  readonly jobId: string
  readonly progressToken: string | number
  readonly seconds: number
}

async function follow({ services, context }: ToolRun, following: Following) {
  const { jobId, progressToken, seconds } = following
  const { log } = services
  const { signal } = context.mcpReq
  const deadline = performance.now() + seconds * 1000
  let status: JobStatus = 'queued'
  let progress = 0
  for (let after = 0; ; ) {
    for (const told of await readStory(log, jobId, after)) {
      after = told.position
      status = statusAfter(told)
      // Percents may be missing or fall, and what is told here must rise.
      progress += 1
      const params = { progressToken, progress, message: wordsFor(told) }
      await context.mcpReq.notify({ method: 'notifications/progress', params })
    }
    const ms = Math.min(deadline - performance.now(), lookAgainMs)
    const goesOn = status === 'queued' || status === 'running'
    if (!goesOn || ms <= 0 || signal.aborted || isWaitingOver(log)) return status
    await waitForJob(log, jobId, { ms, signal })
  }
}

function statusAfter({ type }: Told): JobStatus {
  switch (type) {
    case 'claimed':
    case 'progress':
    case 'resumed':
      return 'running'
    case 'approved':
    case 'returned':
      return 'queued'
    default:
      return type
  }
}

function wordsFor(told: Told): string {
  if (told.type !== 'progress') return statusAfter(told)
  const { note, percent } = told
  return [note ?? 'running', ...(percent === undefined ? [] : [`${percent} %`])].join(', ')
}
