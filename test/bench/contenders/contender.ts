/** What the benchmark compares: a program that it starts, fills, drives and stops. */
import type { Worker } from '../load/worker.ts'

/** In the order in which they are done: the page before the code flow, each of which leaves it a consent more. */
export const works = {
  introspection: 'introspection, opaque token',
  'jwt-introspection': 'introspection, JWT',
  refresh: 'refresh rotation',
  'client-credentials': 'client credentials',
  verify: 'API token at /api/verify',
  mcp: 'MCP tools/list',
  audit: 'audit question, 50 events',
  page: 'page render',
  'code-flow': 'whole code flow',
  registration: 'registration',
  revocation: 'revocation',
} as const
export type Work = keyof typeof works

export const contenderNames = [
  'bare',
  'grantlog',
  'grantlog-libsql',
  'oidc-provider',
  'better-auth',
  'store-limit',
  'libsql-limit',
] as const
export type ContenderName = (typeof contenderNames)[number]

export interface Contender {
  readonly name: ContenderName
  readonly label: string
  /** What it can do; anything else is a dash. */
  readonly works: readonly Work[]
  /** Starts it and fills it with what its works need. */
  start(needs: Needs): Promise<Running>
}

export interface Needs {
  readonly works: readonly Work[]
  readonly connections: number
}

export interface Running {
  readonly url: string
  /** Every process whose CPU time and memory are its own. */
  readonly processIds: readonly number[]
  /** One worker for each connection. `seconds` is how long they will be driven, where work needs stock. */
  workersFor(work: Work, seconds: number): Promise<readonly Worker[]>
  /** Where it measures itself, because no requests are involved. */
  measureItself?(work: Work, driving: Driving): Promise<SelfMeasured>
  stop(): Promise<void>
}

/** For how long it is driven before it counts, and while it does. */
export interface Driving {
  readonly warmUpSeconds: number
  readonly seconds: number
}

export interface SelfMeasured {
  readonly units: number
  readonly seconds: number
  readonly cpuSeconds: number
}
