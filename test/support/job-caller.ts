/** Somebody whose token may start jobs here. */
import type { LiveToken } from '../../src/projections/live-tokens.ts'
import { findAccessToken } from '../../src/protocol/tokens/access-token.ts'
import { connect } from './oauth-client.ts'
import type { TestServer } from './server.ts'

export interface JobCaller {
  readonly accessToken: string
  readonly clientId: string
  /** What the token stands for now. */
  readonly token: () => Promise<LiveToken>
}

export async function jobCaller(
  server: TestServer,
  person: Parameters<TestServer['person']>[0] = undefined,
): Promise<JobCaller> {
  const { client, tokens } = await connect(server, {}, server.person(person))
  return {
    accessToken: tokens.access_token,
    clientId: client.client_id,
    token: async () => {
      const token = await findAccessToken(server.services, tokens.access_token)
      if (!token) throw new Error('Cannot start jobs: the token is not good')
      return token
    },
  }
}
