/** Somebody whose token may start jobs here. */
import { queueJob } from '../../src/jobs/queue-job.ts'
import type { LiveToken } from '../../src/projections/live-tokens.ts'
import { findAccessToken } from '../../src/protocol/tokens/access-token.ts'
import { connect } from './oauth-client.ts'
import type { TestServer } from './server.ts'

export interface JobCaller {
  readonly accessToken: string
  readonly refreshToken: string
  readonly clientId: string
  /** What the token stands for now. */
  readonly token: () => Promise<LiveToken>
  /** Starts a job, and gives its id. */
  readonly start: (wish?: { tool?: string; given?: unknown }) => Promise<string>
}

export async function jobCaller(
  server: TestServer,
  person: Parameters<TestServer['person']>[0] = undefined,
): Promise<JobCaller> {
  const { client, tokens } = await connect(server, {}, server.person(person))
  const token = async () => {
    const found = await findAccessToken(server.services, tokens.access_token)
    if (!found) throw new Error('Cannot start jobs: the token is not good')
    return found
  }
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    clientId: client.client_id,
    token,
    async start({ tool = 'book_restaurant', given = { seats: 2 } } = {}) {
      const wish = { tool, scope: 'book', arguments: given, correlationId: 'test' }
      const queued = await queueJob(server.services, await token(), wish)
      if (queued.outcome === 'refused') throw new Error(`Cannot start a job: ${queued.reason}`)
      return queued.jobId
    },
  }
}
