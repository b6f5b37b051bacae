/** What Grantlog wants to reach: ratios within one run, and limits. */
import type { ContenderName, Work } from '../contenders/contender.ts'
import type { Figures } from '../measure.ts'

export interface Goal {
  readonly goal: string
  readonly measured: string
  readonly reached: boolean
}

interface Found {
  find(contender: ContenderName, work: Work): Figures | undefined
}

interface SpeedGoal {
  readonly work: Work
  readonly of?: ContenderName
  readonly against: ContenderName
  readonly atLeast: number
}

const speedGoals: readonly SpeedGoal[] = [
  { work: 'introspection', against: 'bare', atLeast: 0.6 },
  { work: 'introspection', against: 'oidc-provider', atLeast: 8 },
  { work: 'verify', against: 'bare', atLeast: 0.6 },
  { work: 'refresh', against: 'oidc-provider', atLeast: 8 },
  { work: 'refresh', against: 'store-limit', atLeast: 0.6 },
  { work: 'client-credentials', against: 'oidc-provider', atLeast: 8 },
  { work: 'code-flow', against: 'oidc-provider', atLeast: 5 },
  { work: 'refresh', of: 'grantlog-libsql', against: 'libsql-limit', atLeast: 0.6 },
  { work: 'client-credentials', of: 'grantlog-libsql', against: 'libsql-limit', atLeast: 0.6 },
]

const waitGoals: readonly { work: Work; msMax: number }[] = [
  { work: 'introspection', msMax: 3 },
  { work: 'refresh', msMax: 15 },
]

const startGoals = { startMsMax: 200, idleMbMax: 90 }

/** Of the binary on a small database. */
export function startGoalsOf({ startMs, idleMb }: { startMs: number; idleMb: number }): Goal[] {
  const { startMsMax, idleMbMax } = startGoals
  return [
    {
      goal: `start: listens within ${startMsMax} ms`,
      measured: `${Math.round(startMs)} ms`,
      reached: startMs < startMsMax,
    },
    {
      goal: `idle: holds less than ${idleMbMax} MB`,
      measured: `${Math.round(idleMb)} MB`,
      reached: idleMb < idleMbMax,
    },
  ]
}

/** Those of which both sides were measured. */
export function goalsOf(results: Found): Goal[] {
  const speeds = speedGoals.flatMap(({ work, of = 'grantlog', against, atLeast }) => {
    const own = results.find(of, work)?.perSecond
    const other = results.find(against, work)?.perSecond
    if (own === undefined || other === undefined) return []
    const ratio = own / other
    const isShare = atLeast < 1
    const subject = of === 'grantlog' ? work : `${work} on a libSQL server`
    const goal = `${subject}: at least ${shown(atLeast, isShare)} ${nameOf[against]}`
    return [{ goal, measured: shown(ratio, isShare), reached: ratio >= atLeast }]
  })
  const waits = waitGoals.flatMap(({ work, msMax }) => {
    const p99 = results.find('grantlog', work)?.latency?.p99
    if (p99 === undefined) return []
    const goal = `${work}: p99 under ${msMax} ms at half load`
    return [{ goal, measured: `${p99.toFixed(1)} ms`, reached: p99 < msMax }]
  })
  return [...speeds, ...waits]
}

const nameOf: Partial<Record<ContenderName, string>> = {
  bare: 'of the bare route',
  'oidc-provider': 'node-oidc-provider',
  'store-limit': 'of the same rows alone',
  'libsql-limit': 'of the same rows alone',
}

/** Shares of a limit as percentages, multiples of somebody else's speed as multiples. */
function shown(ratio: number, isShare: boolean): string {
  return isShare ? `${Math.round(ratio * 100)} %` : `${Number(ratio.toFixed(1))}×`
}
