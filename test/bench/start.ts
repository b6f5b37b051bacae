/**
 * How long the binary takes to start on a small database that is there already, and what it holds
 * in memory while nobody asks anything.
 */
import { builtBinary } from '../support/binary.ts'
import type { Child } from './contenders/child.ts'
import { addClients } from './contenders/grantlog-clients.ts'
import { newSite, type Site, startSite } from './contenders/grantlog-server.ts'
import { medianOf } from './load/percentiles.ts'
import { type Usage, usageOf } from './load/usage.ts'
import type { Say } from './measure.ts'
import type { Options } from './options.ts'
import { startGoalsOf } from './show/goals.ts'
import { goalTable, table, whole } from './show/tables.ts'

const startsPerRound = 5
const idleMs = 2_000

interface Start {
  /** From the start of the process to the line in its log that says it listens. */
  readonly ms: number
  readonly cpuMs: number
}

export async function measureStart(options: Options, say: Say): Promise<string> {
  const binary = builtBinary()
  const command = [binary.path, 'serve']
  const site = await newSite()
  try {
    await addClients(site, options.connections)
    // The first start makes the administrator and the keys.
    await startsOf(site, { command, times: 1 })
    const starts: Start[] = []
    const idle: Usage[] = []
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`round ${round} of ${options.rounds}`)
      starts.push(...(await startsOf(site, { command, times: startsPerRound })))
      const { child, usage } = await startIdle(site, command)
      idle.push(usage)
      await child.end()
    }
    return startTable(starts, idle)
  } finally {
    binary.remove()
    site.remove()
  }
}

export async function startsOf(
  site: Site,
  { command, times }: { command: readonly string[]; times: number },
): Promise<Start[]> {
  const starts: Start[] = []
  for (let start = 0; start < times; start += 1) {
    const asked = performance.now()
    const child = await startSite(site, command)
    const ms = performance.now() - asked
    starts.push({ ms, cpuMs: usageOf([child.pid]).cpuSeconds * 1000 })
    await child.end()
  }
  return starts
}

/** A server that was left alone for a moment, still running. */
export async function startIdle(
  site: Site,
  command: readonly string[],
): Promise<{ child: Child; usage: Usage }> {
  const child = await startSite(site, command)
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  return { child, usage: usageOf([child.pid]) }
}

function startTable(starts: readonly Start[], idle: readonly Usage[]): string {
  const startMs = medianOf(starts.map(({ ms }) => ms))
  const cpuMs = medianOf(starts.map((start) => start.cpuMs))
  const idleMb = medianOf(idle.map(({ memoryMb }) => memoryMb))
  const anonymousMb = medianOf(idle.map((usage) => usage.anonymousMb))
  const head = ['starts', 'start ms', 'CPU ms', 'idle MB', 'anonymous', 'of files']
  const split = anonymousMb === 0 ? ['–', '–'] : [anonymousMb, idleMb - anonymousMb].map(whole)
  const row = [String(starts.length), ...[startMs, cpuMs, idleMb].map(whole), ...split]
  return [table(head, [row]), goalTable(startGoalsOf({ startMs, idleMb }))].join('\n\n')
}
