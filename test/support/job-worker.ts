/** A worker of the operator's, over HTTP. */
import { addClient, type OperatorClient } from './operator-client.ts'
import type { TestServer } from './server.ts'

export interface WorkerReply {
  readonly status: number
  readonly body: WorkerBody
  readonly challenge: string
}

export interface WorkerBody {
  readonly job?: WorkerJob | null
  readonly lease?: string
  readonly lease_ends_at?: string | null
  readonly status?: string
  readonly error?: string
  readonly message?: string
  readonly events?: readonly WorkerEvent[]
}

export interface WorkerJob {
  readonly id: string
  readonly events: readonly WorkerEvent[]
  readonly [field: string]: unknown
}

export interface WorkerEvent {
  readonly position: number
  readonly type: string
  readonly [field: string]: unknown
}

export interface Held {
  readonly id: string
  readonly lease: string
}

interface Taken extends Held {
  readonly job: WorkerJob
}

export class JobWorker {
  readonly client: OperatorClient
  readonly #url: string
  readonly #token: string

  constructor(url: string, client: OperatorClient, token: string) {
    this.#url = url
    this.client = client
    this.#token = token
  }

  claim(asked: Record<string, unknown> = {}, signal?: AbortSignal): Promise<WorkerReply> {
    const init = { method: 'POST', body: JSON.stringify(asked), ...(signal ? { signal } : {}) }
    return this.ask('/api/jobs/claim', init)
  }

  /** Claims, and fails where there is nothing. */
  async take(asked: Record<string, unknown> = {}): Promise<Taken> {
    const { body } = await this.claim(asked)
    if (!body.job || !body.lease) throw new Error(`Cannot take a job: ${JSON.stringify(body)}`)
    return { job: body.job, id: body.job.id, lease: body.lease }
  }

  report(held: Held, ...events: Record<string, unknown>[]): Promise<WorkerReply> {
    return this.ask(`/api/jobs/${held.id}/events`, {
      method: 'POST',
      headers: { 'job-lease': held.lease },
      body: JSON.stringify({ events }),
    })
  }

  listen(held: Held, { after = 0, wait = 0 } = {}): Promise<WorkerReply> {
    const query = `after=${after}&wait_seconds=${wait}`
    return this.ask(`/api/jobs/${held.id}/events?${query}`, {
      headers: { 'job-lease': held.lease },
    })
  }

  async ask(path: string, { headers, ...init }: RequestInit = {}): Promise<WorkerReply> {
    const response = await fetch(this.#url + path, {
      ...init,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': 'application/json',
        ...(headers as Record<string, string>),
      },
    })
    const challenge = response.headers.get('www-authenticate') ?? ''
    return { status: response.status, body: (await response.json()) as WorkerBody, challenge }
  }
}

export async function jobWorker(
  { services, url }: Pick<TestServer, 'services' | 'url'>,
  scope = 'jobs:work',
): Promise<JobWorker> {
  const client = await addClient(services, { scope, clientName: 'Worker' })
  return new JobWorker(url, client, await workerToken(url, client))
}

export async function workerToken(url: string, { headers }: OperatorClient): Promise<string> {
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: `${url}/api/jobs` }),
  })
  const { access_token } = (await response.json()) as { access_token?: string }
  if (access_token === undefined) throw new Error('Cannot work: there is no token for it')
  return access_token
}
