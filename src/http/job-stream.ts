/**
 * What happens to one job, as it happens, until it ends. Each event has its place in the log for an
 * id, so that whoever was cut off goes on where they were. Whether the caller may still see it is
 * asked again with each sign of life.
 *
 * @see [HTML - Server-sent events, The Last-Event-ID header](https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header)
 */
import type { EventLog } from '../domain/event-log.ts'
import { isWaitingOver, waitForJob } from '../jobs/job-signals.ts'
import { readStory, type Told } from '../jobs/job-story.ts'
import { shownStep } from '../jobs/job-view.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import { mayStillRead, requireCaller, requireOwnJob, requireReading } from './job-caller.ts'

const perPersonMax = 20
/** How soon is told what happened in another process. */
const lookAgainMs = 1000
const signOfLifeMs = 15_000

/** By database: who has how many. */
const open = new WeakMap<EventLog, Map<string, number>>()

export async function streamJob(
  services: Services,
  request: Request,
  jobId: string,
): Promise<Response> {
  const caller = await requireCaller(services, request)
  requireReading(services, caller)
  await requireOwnJob(services, caller, jobId)
  const after = positionIn(request)
  const release = reserve(services, caller.userId)
  const text = new TextEncoder()
  const cut = new AbortController()
  const signal = AbortSignal.any([cut.signal, request.signal])
  const isAllowed = () => mayStillRead(services, request, caller)
  const pieces = tellAll(services, { jobId, after, signal, isAllowed })
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next().catch(() => ({ done: true, value: undefined }))
      if (!done && value !== undefined) return controller.enqueue(text.encode(value))
      release()
      controller.close()
    },
    cancel() {
      cut.abort()
      release()
    },
  })
  const headers = {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  }
  return new Response(body, { headers })
}

interface Watching {
  readonly jobId: string
  readonly after: number
  readonly signal: AbortSignal
  readonly isAllowed: () => Promise<boolean>
}

async function* tellAll(
  { log, settings }: Services,
  { jobId, signal, isAllowed, ...from }: Watching,
): AsyncGenerator<string, undefined> {
  let after = from.after
  let lastSign = performance.now()
  // Whoever waits for the first byte is answered at once.
  yield ': hello\n\n'
  while (!signal.aborted && !isWaitingOver(log)) {
    for (const step of await readStory(log, jobId, after)) {
      after = step.position
      lastSign = performance.now()
      yield framed(shownStep(settings, step))
      if (step.type === 'done' || step.type === 'error' || step.type === 'cancelled') return
    }
    await waitForJob(log, jobId, { ms: lookAgainMs, signal })
    if (performance.now() - lastSign < signOfLifeMs) continue
    if (!(await isAllowed())) return
    lastSign = performance.now()
    yield ': still here\n\n'
  }
}

function framed({ position, type, ...data }: Told): string {
  return `id: ${position}\nevent: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
}

function positionIn(request: Request): number {
  const given = request.headers.get('last-event-id') ?? '0'
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw new OAuthError('invalid_request', 'Last-Event-ID is none of ours')
}

/** @throws {OAuthError} rate_limit_exceeded (429) */
function reserve({ log, settings }: Services, userId: string): () => void {
  const counts = open.get(log) ?? new Map<string, number>()
  open.set(log, counts)
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const own = counts.get(userId) ?? 0
  if (all >= settings.jobs.streamsMax || own >= perPersonMax) {
    throw new OAuthError('rate_limit_exceeded', 'Too many streams are open', {
      headers: { 'retry-after': '30' },
    })
  }
  counts.set(userId, own + 1)
  let isReleased = false
  return () => {
    if (isReleased) return
    isReleased = true
    const left = (counts.get(userId) ?? 1) - 1
    if (left > 0) counts.set(userId, left)
    else counts.delete(userId)
  }
}
