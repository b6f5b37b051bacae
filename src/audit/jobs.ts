/**
 * What became of a job, told by its own events: who asked for it, which client under which grant,
 * and the consent that allowed it.
 */
import type { EventLog, RecordedEvent } from '../domain/event-log.ts'
import { GrantApproved } from '../domain/grant-events.ts'
import { type JobState, type JobStatus, jobDecider, type KnownJob } from '../domain/job.ts'
import { type JobEvent, JobQueued } from '../domain/job-events.ts'
import type { Services } from '../protocol/services.ts'
import { type NamedActor, nameActors } from './actors.ts'
import { type EventView, viewEvent } from './event-view.ts'

/** A job as its events tell it. */
export interface ReplayedJob {
  readonly jobId: string
  readonly userId: string
  readonly clientId: string
  readonly grantId: string | undefined
  readonly issuanceId: string | undefined
  readonly tool: string
  readonly status: JobStatus
  readonly state: KnownJob
  /** Oldest first. */
  readonly events: readonly RecordedEvent[]
}

type JobAuthority = Pick<ReplayedJob, 'grantId' | 'issuanceId'>

/** Until when: everything recorded by a time, or up to a position. */
export interface JobMoment {
  readonly until?: number
  /** The first position that was not there yet. */
  readonly before?: number
}

export interface JobHistory {
  readonly job_id: string
  readonly user_id: string
  readonly client_id: string
  /** The agent of the person's that started it. */
  readonly agent_id: string | null
  readonly grant_id: string | null
  readonly issuance_id: string | null
  readonly api_token_id: string | null
  /** How the hash of the token begins that was presented; it opens nothing. */
  readonly token: string | null
  readonly tool: string
  readonly status: JobStatus
  /** The last position that the answer takes in. */
  readonly position: number
  /** The consent that the job's grant began with; none where nobody was asked here. */
  readonly consent: EventView | null
  /** Whoever did anything, as they are called now. */
  readonly actors: Readonly<Record<string, NamedActor>>
  readonly events: readonly EventView[]
  /** What the person was asked about it, and what they answered: how, when, and to which text. */
  readonly approvals: readonly EventView[]
}

/** Undefined when there is no such job. */
export async function replayJob(
  log: EventLog,
  jobId: string,
  moment: JobMoment = {},
): Promise<ReplayedJob | undefined> {
  let state: JobState = jobDecider.initial
  const events: RecordedEvent[] = []
  for await (const event of log.replay({ streamId: `job/${jobId}`, ...moment })) {
    state = jobDecider.evolve(state, event as unknown as JobEvent)
    events.push(event)
  }
  const [queued] = events
  if (state.status === 'unknown' || queued?.type !== JobQueued.name) return undefined
  const { userId, clientId, tool } = queued.payload
  const { grantId, issuanceId } = queued.payload as JobAuthority
  return {
    jobId,
    userId: String(userId),
    clientId: String(clientId),
    grantId,
    issuanceId,
    tool: String(tool),
    status: state.status,
    state,
    events,
  }
}

const tokenCharactersShown = 12

/** Undefined when there was no such job at that moment. */
export async function jobHistory(
  services: Pick<Services, 'log' | 'reader'>,
  jobId: string,
  moment: JobMoment = {},
): Promise<JobHistory | undefined> {
  const { log, reader } = services
  const job = await replayJob(log, jobId, moment)
  if (!job) return undefined
  const approval = { streamId: `grant/${job.grantId}`, types: [GrantApproved.name], limit: 1 }
  const [consent] = job.grantId === undefined ? [] : await log.read(approval)
  const { agentId, apiTokenId, tokenHash } = job.state
  const approvals = await approvalEvents(log, job, moment)
  return {
    job_id: job.jobId,
    user_id: job.userId,
    client_id: job.clientId,
    agent_id: agentId ?? null,
    grant_id: job.grantId ?? null,
    issuance_id: job.issuanceId ?? null,
    api_token_id: apiTokenId ?? null,
    token: tokenHash?.slice(0, tokenCharactersShown) ?? null,
    tool: job.tool,
    status: job.status,
    position: job.events.at(-1)?.position ?? 0,
    consent: consent ? viewEvent(consent) : null,
    actors: await nameActors(reader, [
      ...[...job.events, ...approvals].map(({ actor }) => actor),
      ...(agentId ? [`agent:${agentId}`] : []),
    ]),
    events: job.events.map(viewEvent),
    approvals: approvals.map(viewEvent),
  }
}

/** Of each question that the job waited on, in the order that they were asked. */
async function approvalEvents(
  log: EventLog,
  { events }: ReplayedJob,
  moment: JobMoment,
): Promise<RecordedEvent[]> {
  const ids = events.map(({ payload }) => payload.approvalId).filter((id) => id !== undefined)
  const found: RecordedEvent[] = []
  for (const id of new Set(ids)) {
    for await (const event of log.replay({ streamId: `approval/${id}`, ...moment })) {
      found.push(event)
    }
  }
  return found
}
