/**
 * A worker: claims jobs, carries them out, says how it goes, and hears what the person answers.
 * Made to be copied. It needs nothing but `fetch`: Bun and Deno run it as it stands.
 *
 *   grantlog client create --name Worker --grant-type client_credentials --scope jobs:work
 *   GRANTLOG_URL=https://auth.example.com CLIENT_ID=… CLIENT_SECRET=… bun examples/worker.ts
 *
 * It may die at any moment: the server notices that it is silent, and gives the job to the next. So
 * whatever a handler does elsewhere is done under `job.id`, for the other side to know it again.
 */
import process from 'node:process'

export interface Job {
  readonly id: string
  readonly tool: string
  readonly arguments: Record<string, unknown>
  /** The person, as the resource knows them. */
  readonly sub: string
  readonly attempt: number
  /** All that happened before; on a second attempt an answer of the person may be among it. */
  readonly events: readonly JobEvent[]
}

export interface JobEvent {
  readonly position: number
  readonly type: string
  readonly [field: string]: unknown
}

export interface Teller {
  progress(note: string, percent?: number): Promise<void>
  /** Asks the person, and comes back with their answer: `{ type: 'captcha', note, url }`. */
  ask(question: { type: string; note: string; [field: string]: unknown }): Promise<JobEvent>
  /** Aborted once the job is not this worker's any more: stop, and touch nothing else. */
  readonly signal: AbortSignal
}

/** What it gives is the job's result; what it throws is the job's error. */
export type Handler = (job: Job, tell: Teller) => Promise<unknown>

export interface WorkerOptions {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly handlers: Readonly<Record<string, Handler>>
  /** How long the server hears nothing of this worker before it gives the job to another. */
  readonly leaseSeconds?: number
  readonly heartbeatSeconds?: number
  /** How many jobs are carried out at once: one that waits for its person keeps its place. */
  readonly atOnce?: number
  readonly signal?: AbortSignal
}

/** The job is over, or somebody else's. */
class JobGone extends Error {}

interface Held {
  readonly job: Job
  readonly lease: string
}

/** Works until the signal says otherwise. */
export async function work(options: WorkerOptions): Promise<void> {
  const ask = caller(options)
  await Promise.all(Array.from({ length: options.atOnce ?? 8 }, () => goOn(ask, options)))
}

async function goOn(ask: Ask, options: WorkerOptions): Promise<void> {
  const { handlers, leaseSeconds = 30, signal } = options
  while (!signal?.aborted) {
    const wish = { tools: Object.keys(handlers), lease_seconds: leaseSeconds, wait_seconds: 25 }
    const held = (await ask('/api/jobs/claim', { body: wish, signal })) as Partial<Held>
    if (held.job && held.lease) await carryOut(ask, held as Held, options)
  }
}

async function carryOut(ask: Ask, held: Held, options: WorkerOptions): Promise<void> {
  const { job, lease } = held
  const path = `/api/jobs/${job.id}/events`
  const gone = new AbortController()
  const report = async (...events: object[]): Promise<void> => {
    await ask(path, { body: { events }, lease })
  }
  const everyMs = (options.heartbeatSeconds ?? (options.leaseSeconds ?? 30) / 3) * 1000
  const heartbeat = setInterval(() => {
    report({ type: 'heartbeat' }).catch((error) => gone.abort(error))
  }, everyMs)
  const tell: Teller = {
    signal: gone.signal,
    progress: (note, percent) =>
      report({ type: 'progress', note, ...(percent === undefined ? {} : { percent }) }),
    async ask(question) {
      let after = await lastPosition(ask, held)
      await report(question)
      for (;;) {
        const heard = await ask(`${path}?after=${after}&wait_seconds=25`, { lease })
        const { status, events } = heard as { status: string; events: JobEvent[] }
        const answer = events.find(({ type }) => type === 'resumed')
        if (answer) return answer
        if (['done', 'error', 'cancelled'].includes(status)) throw new JobGone(status)
        after = events.at(-1)?.position ?? after
      }
    },
  }
  try {
    await report(await outcome(options.handlers[job.tool], job, tell)).catch((error) => {
      if (error instanceof JobGone) throw error
      // It was not taken, such as a result that is too large; nor would it be at the next attempt.
      return report(failure(error))
    })
  } catch (error) {
    // Whoever has it now carries it out.
    if (!(error instanceof JobGone)) throw error
  } finally {
    clearInterval(heartbeat)
  }
}

async function outcome(handler: Handler | undefined, job: Job, tell: Teller): Promise<object> {
  if (!handler) return { type: 'released' }
  try {
    return { type: 'done', result: (await handler(job, tell)) ?? null }
  } catch (error) {
    if (error instanceof JobGone) throw error
    return failure(error)
  }
}

function failure(error: unknown): object {
  const message = error instanceof Error ? error.message : String(error)
  return { type: 'error', code: 'failed', message: message.slice(0, 1000) || 'It failed' }
}

async function lastPosition(ask: Ask, { job, lease }: Held): Promise<number> {
  const { events } = (await ask(`/api/jobs/${job.id}/events`, { lease })) as { events: JobEvent[] }
  return events.at(-1)?.position ?? 0
}

interface Call {
  /** Sent by POST; without one it is a GET. */
  readonly body?: object
  readonly lease?: string
  readonly signal?: AbortSignal | undefined
}
type Ask = (path: string, call: Call) => Promise<unknown>

/** Calls the server with a token of its own, again and again where that helps. */
function caller({ url, clientId, clientSecret, signal: end }: WorkerOptions): Ask {
  let token: Promise<string> | undefined
  const newToken = async () => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      resource: `${url}/api/jobs`,
    })
    const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`
    const response = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      headers: { authorization },
      body,
    })
    const answer = (await response.json()) as { access_token?: string; error?: string }
    if (!answer.access_token) throw new Error(`Cannot get a token: ${answer.error}`)
    return answer.access_token
  }
  return async (path, { body, lease, signal }) => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await (async () => {
        token ??= newToken()
        const headers = {
          authorization: `Bearer ${await token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(lease ? { 'job-lease': lease } : {}),
        }
        const sent = body ? { method: 'POST', body: JSON.stringify(body) } : {}
        return fetch(url + path, { ...sent, headers, signal: signal ?? null })
      })().catch(() => undefined)
      if (end?.aborted) return {}
      if (response?.ok) return response.json()
      if (response?.status === 401 || !response) token = undefined
      // Somebody else has the job, it has ended, or it waits for the person.
      if (response?.status === 409) throw new JobGone(await response.text())
      const isOurFault = response && response.status < 500 && ![401, 429].includes(response.status)
      if (isOurFault) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      await pause(Math.min(30_000, 200 * 2 ** attempt) * (0.5 + Math.random()))
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}

if (import.meta.main) {
  const { GRANTLOG_URL = 'http://localhost:8484', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env
  await work({
    url: GRANTLOG_URL,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    handlers: {
      async book_restaurant(job, tell) {
        await tell.progress('Looking for a table', 20)
        // A real one calls the restaurant here, and names `job.id` to it.
        return { confirmed: true, arguments: job.arguments }
      },
    },
  })
}
