/**
 * Measures contenders in turn, round after round, so that a machine that gets slower in between is
 * slower for all of them. Each is started anew in every round.
 */
import type { Contender, ContenderName, Running, Work } from './contenders/contender.ts'
import { driveClosed, driveOpen } from './load/drive.ts'
import { medianOf, type Percentiles, percentilesOf } from './load/percentiles.ts'
import { usageOf } from './load/usage.ts'
import type { Options } from './options.ts'

export interface Figures {
  readonly contender: ContenderName
  readonly work: Work
  readonly perSecond: number
  /** Of all its processes, for a thousand units of work. */
  readonly cpuSecondsPerThousand: number
  /** Resident, after it was driven as fast as it can; 0 where no server was driven. */
  readonly memoryMb: number
  /** Milliseconds, at half of what it can do. */
  readonly latency?: Percentiles
}

export type Say = (words: string) => void

/** @throws when a contender gives a wrong answer */
export async function measureAll(
  contenders: readonly Contender[],
  options: Options,
  say: Say,
): Promise<Figures[]> {
  const rounds: Figures[] = []
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const contender of contenders) {
      const wanted = options.works.filter((work) => contender.works.includes(work))
      if (wanted.length === 0) continue
      say(`round ${round} of ${options.rounds}: ${contender.label}`)
      const needs = { works: wanted, connections: options.connections }
      const running = await contender.start(needs)
      try {
        for (const work of wanted) {
          const figures = await measureOne(running, work, options)
          rounds.push({ contender: contender.name, work, ...figures })
          say(`  ${work}: ${Math.round(figures.perSecond)}/s`)
        }
      } catch (error) {
        throw new Error(`Cannot measure ${contender.label}: ${(error as Error).message}`)
      } finally {
        await running.stop()
      }
    }
  }
  return mediansOf(rounds)
}

type Measured = Omit<Figures, 'contender' | 'work'>

export async function measureOne(
  running: Running,
  work: Work,
  options: Pick<Options, 'warmUpSeconds' | 'seconds' | 'latencySeconds'>,
): Promise<Measured> {
  if (running.measureItself) {
    const { units, seconds, cpuSeconds } = await running.measureItself(work, options)
    return {
      perSecond: units / seconds,
      cpuSecondsPerThousand: (cpuSeconds / units) * 1000,
      memoryMb: 0,
    }
  }
  const { url, processIds } = running
  const load = async (seconds: number) => {
    return { url, workers: await running.workersFor(work, seconds), seconds }
  }
  await driveClosed(await load(options.warmUpSeconds))
  const driven = await load(options.seconds)
  const before = usageOf(processIds)
  const { units, seconds } = await driveClosed(driven)
  const after = usageOf(processIds)
  const perSecond = units / seconds
  const measured = {
    perSecond,
    cpuSecondsPerThousand: ((after.cpuSeconds - before.cpuSeconds) / units) * 1000,
    memoryMb: after.memoryMb,
  }
  if (options.latencySeconds === 0) return measured
  const half = await load(options.latencySeconds)
  const { latencies } = await driveOpen({ ...half, unitsPerSecond: perSecond / 2 })
  return { ...measured, latency: percentilesOf(latencies) }
}

function mediansOf(rounds: readonly Figures[]): Figures[] {
  const groups = Map.groupBy(rounds, ({ contender, work }) => `${contender} ${work}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const median = (part: (figures: Figures) => number) => medianOf(group.map(part))
    const { contender, work } = first
    const latency = (part: (latency: Percentiles) => number) =>
      median((figures) => (figures.latency ? part(figures.latency) : 0))
    return [
      {
        contender,
        work,
        perSecond: median((figures) => figures.perSecond),
        cpuSecondsPerThousand: median((figures) => figures.cpuSecondsPerThousand),
        memoryMb: median((figures) => figures.memoryMb),
        ...(first.latency
          ? {
              latency: {
                p50: latency(({ p50 }) => p50),
                p99: latency(({ p99 }) => p99),
                p999: latency(({ p999 }) => p999),
              },
            }
          : {}),
      },
    ]
  })
}
