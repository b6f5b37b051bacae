/**
 * Starts a job for the person that a token speaks for, or whose agent it speaks for. Whoever does not know whether a call came
 * through repeats it under the same idempotency key: the job's id is made from it, so the same call
 * finds the same job, and of two at once one makes it.
 */
import { tellOf } from '../approvals/notice.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import { execute, type Work } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import { type JobState, type JobStatus, jobDecider, type KnownJob } from '../domain/job.ts'
import type { QueuedJob } from '../domain/job-events.ts'
import { inTurn } from '../identity/in-turn.ts'
import { countOpenJobs } from '../projections/jobs.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import type { Services } from '../protocol/services.ts'
import { type ActingFor, actingFor, actorOf } from '../protocol/tokens/bearer.ts'
import { isStillGood } from '../protocol/tokens/still-good.ts'
import { askToBegin } from './job-question.ts'
import { signalJob } from './job-signals.ts'

const idempotencyKeyCharactersMax = 200

export interface JobWish {
  readonly tool: string
  /** What the tool takes; the token has it. */
  readonly scope: string
  readonly arguments: unknown
  /** Chosen by whoever asks; at most `idempotencyKeyCharactersMax` characters. */
  readonly idempotencyKey?: string | undefined
  readonly correlationId: string
}

export type QueueRefusal =
  | 'no_person'
  | 'arguments_too_large'
  | 'idempotency_key_malformed'
  | 'access_withdrawn'
  | 'too_many_jobs'
  | 'idempotency_key_reused'

export type Queued =
  | {
      readonly outcome: 'queued'
      readonly jobId: string
      readonly status: JobStatus
      /** What the person has to decide before it goes on. */
      readonly approvalId?: string | undefined
    }
  | { readonly outcome: 'refused'; readonly reason: QueueRefusal }

/** In words for whoever asked. */
export const queueRefusals: Readonly<Record<QueueRefusal, string>> = {
  no_person: 'the token speaks for no person',
  arguments_too_large: 'its arguments are too large',
  idempotency_key_malformed: `the idempotency key is not of 1 to ${idempotencyKeyCharactersMax} characters`,
  access_withdrawn: 'what allowed it has just been withdrawn',
  too_many_jobs: 'too many jobs are not over yet',
  idempotency_key_reused: 'the idempotency key was used for another call',
}

export function queueJob(services: Services, token: LiveToken, wish: JobWish): Promise<Queued> {
  const whose = actingFor(token)
  const text = canonicalJson(wish.arguments)
  if (!whose) return Promise.resolve({ outcome: 'refused', reason: 'no_person' })
  if (Buffer.byteLength(text) > services.settings.jobs.argumentsBytesMax) {
    return Promise.resolve({ outcome: 'refused', reason: 'arguments_too_large' })
  }
  const keyLength = wish.idempotencyKey?.length ?? 1
  if (keyLength < 1 || keyLength > idempotencyKeyCharactersMax) {
    return Promise.resolve({ outcome: 'refused', reason: 'idempotency_key_malformed' })
  }
  // Many at once would all be counted before the first of them is there.
  const acting = { ...token, ...whose }
  return inTurn(`jobs of ${whose.userId}`, () => queue(services, acting, { ...wish, text }))
}

type ActingToken = LiveToken & ActingFor
type Asked = JobWish & { readonly text: string }

async function queue(services: Services, token: ActingToken, asked: Asked): Promise<Queued> {
  const { log, reader, settings } = services
  const { userId, clientId } = token
  const ids = jobIds(services, token, asked)
  let found: Queued | undefined
  let after: JobState = jobDecider.initial
  const cause = { actor: actorOf(token), correlationId: asked.correlationId }
  const outcome = await execute<string>(log, cause, async (work) => {
    found = await findJob(services, work, { ids, asked })
    if (found) return work.reject('job_exists')
    if (!(await isStillGood(work, token))) return work.reject('access_withdrawn')
    const open = await countOpenJobs(reader, { userId, clientId })
    const { openPerPersonMax, openPerClientMax } = settings.jobs
    if (open.ofPerson >= openPerPersonMax || open.ofClient >= openPerClientMax) {
      return work.reject('too_many_jobs')
    }
    const [{ jobId, version }] = ids
    const job = jobOf(services, token, { ...asked, jobId, version })
    const queued = needsApproval(services, job) ? await askToBegin(services, work, job) : job
    const verdict = await work.decide(jobDecider, jobId, { kind: 'queue', job: queued })
    after = await work.read(jobDecider, jobId)
    return verdict
  })
  if (found) return found
  if (outcome.outcome === 'refused') {
    return { outcome: 'refused', reason: outcome.reason as QueueRefusal }
  }
  signalJob(log, after)
  const { approvalId } = after as KnownJob
  if (approvalId !== undefined) await tellOf(services, approvalId)
  return { outcome: 'queued', jobId: ids[0].jobId, status: 'queued', approvalId }
}

interface JobId {
  readonly jobId: string
  /** Of the secret that its hashes are made under. */
  readonly version: number
}

/** The id that a new job gets, and those that it may have got under older secrets. */
function jobIds(
  { keyring }: Services,
  { userId, agentId, clientId }: ActingToken,
  { idempotencyKey }: Asked,
): [JobId, ...JobId[]] {
  const { current, versions } = keyring
  if (idempotencyKey === undefined) return [{ jobId: newId('job'), version: current }]
  // The same key of the person's, and of each of their agents, is another one.
  const key = ['job', userId, clientId, idempotencyKey, ...(agentId === undefined ? [] : [agentId])]
  const idUnder = (version: number) => ({
    jobId: `job_${keyring.mac('lookup', key, version)}`,
    version,
  })
  const older = versions.filter((version) => version !== current)
  return [idUnder(current), ...older.map(idUnder)]
}

async function findJob(
  services: Services,
  work: Work,
  { ids, asked }: { ids: readonly JobId[]; asked: Asked },
): Promise<Queued | undefined> {
  await work.prefetch(ids.map(({ jobId }) => [jobDecider, jobId] as const))
  for (const { jobId, version } of ids) {
    const state = await work.read(jobDecider, jobId)
    if (state.status === 'unknown') continue
    const isSame =
      state.tool === asked.tool &&
      state.argumentsHash === hashOf(services, { ...asked, jobId, version })
    return isSame
      ? { outcome: 'queued', jobId, status: state.status, approvalId: state.approvalId }
      : { outcome: 'refused', reason: 'idempotency_key_reused' }
  }
  return undefined
}

/** Arguments can be guessed, so a bare hash would outlive the erasure of what it is a hash of. */
function hashOf({ keyring }: Services, { text, jobId, version }: Pick<Asked, 'text'> & JobId) {
  return keyring.mac('lookup', ['job arguments', jobId, text], version)
}

function jobOf(services: Services, token: ActingToken, asked: Asked & JobId): QueuedJob {
  const { userId, agentId, clientId, clientIds, grantId, issuanceId, apiTokenId } = token
  const { tokenHash, resource } = token
  const { jobId, tool, scope, text } = asked
  const at = services.now()
  return {
    jobId,
    userId,
    clientId,
    clientIds: [...clientIds],
    ...(agentId === undefined ? {} : { agentId }),
    ...(grantId === undefined ? {} : { grantId }),
    ...(issuanceId === undefined ? {} : { issuanceId }),
    ...(apiTokenId === undefined ? {} : { apiTokenId }),
    tokenHash,
    resource,
    scope,
    tool,
    arguments: text,
    argumentsHash: hashOf(services, asked),
    expiresAt: at + services.settings.jobs.expirySeconds * 1000,
    at,
  }
}

/** Whether the person has to say so before anybody may begin. */
function needsApproval({ settings }: Services, { tool, resource }: QueuedJob): boolean {
  return settings.tools.some((t) => t.name === tool && t.resource === resource && t.approval)
}
