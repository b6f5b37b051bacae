/** What a step of a workload has to go on with. */
import type { Services } from '../../src/protocol/services.ts'
import type { OperatorClient } from '../support/operator-client.ts'
import type { Approved } from './world.ts'

export interface Refreshable {
  readonly clientId: string
  readonly refreshToken: string
}

/** Everything that there is to go on with; tokens stay here when they are used up. */
export interface Steps {
  readonly services: Services
  readonly users: string[]
  readonly clients: string[]
  readonly approved: Approved[]
  readonly refreshable: Refreshable[]
  readonly accessTokens: Refreshable[]
  readonly jobs: string[]
  /** Who has which job, as far as workers know; leases stay here when they are lost. */
  readonly held: Held[]
  readonly agents: string[]
  readonly sessions: string[]
  readonly machines: OperatorClient[]
  /** Tokens that come from no code, with whoever holds them. */
  readonly issued: { readonly holder: OperatorClient; readonly accessToken: string }[]
  later(ms: number): void
}

export type Step = (steps: Steps, pick: number) => Promise<unknown> | unknown

export function one<T>(list: readonly T[], pick: number): T | undefined {
  return list[list.length - 1 - (pick % Math.max(1, list.length))]
}

interface Held {
  readonly jobId: string
  readonly workerId: string
  readonly leaseHash: string
}
