/**
 * How Grantlog grows: the same works on databases of different sizes, each filled once and then
 * measured in turns, with what it takes to start, to hold in memory and to keep on disk.
 */
import { Keyring } from '../../../src/domain/keyring.ts'
import { type Binary, builtBinary } from '../../support/binary.ts'
import type { Work } from '../contenders/contender.ts'
import { filled } from '../contenders/grantlog.ts'
import { secret } from '../contenders/grantlog-server.ts'
import { medianOf } from '../load/percentiles.ts'
import { measureOne, type Say } from '../measure.ts'
import type { Options } from '../options.ts'
import { table, whole } from '../show/tables.ts'
import { startIdle, startsOf } from '../start.ts'
import { type FilledSite, filledSite, noteUse } from './filled-site.ts'
import { LoadedWorks } from './loaded-works.ts'

const ofAny = 'introspection of any token'

/** Of tokens that are in use, and of any that there are: what is remembered helps the first. */
type Measured = Work | typeof ofAny

const measuredWorks: readonly Measured[] = [
  ...(['introspection', ofAny, 'refresh', 'client-credentials', 'code-flow', 'audit'] as const),
]
const startsPerRound = 3
const refreshesPerRoundMax = 200_000

interface Grown extends FilledSite {
  readonly loaded: LoadedWorks
}

interface Round {
  readonly grants: number
  readonly startMs: number
  readonly idleMb: number
  readonly busyMb: number
  readonly figures: ReadonlyMap<Measured, Speed>
}

interface Speed {
  readonly perSecond: number
  readonly cpuMicros: number
}

export async function measureGrowth(options: Options, say: Say): Promise<string> {
  const works = measuredWorks.filter((work) => options.works.includes(workOf(work)))
  const binary = builtBinary()
  const sizes: Grown[] = []
  try {
    for (const grants of options.growth) sizes.push(await grow(grants, options, say))
    const rounds: Round[] = []
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const grown of sizes) {
        say(`round ${round} of ${options.rounds}: ${whole(grown.grants)} grants`)
        rounds.push(await keepingNote(grown, () => measureRound(grown, { options, works, binary })))
      }
    }
    return growthTable(sizes, works, rounds)
  } finally {
    binary.remove()
    if (options.growthIn === undefined) for (const { site } of sizes) site.remove()
  }
}

function workOf(measured: Measured): Work {
  return measured === ofAny ? 'introspection' : measured
}

async function grow(grants: number, options: Options, say: Say): Promise<Grown> {
  const { connections, growthIn: folder } = options
  const wanted = { grants, connections, ...(folder === undefined ? {} : { folder }) }
  const filled = await filledSite(wanted, say)
  const { clients, used } = filled
  const loaded = new LoadedWorks(Keyring.parse(secret), { clients: clients.length, grants, used })
  return { ...filled, loaded }
}

/** Says beforehand that more is used than a round can use, should it be cut off. */
async function keepingNote<T>(grown: Grown, round: () => Promise<T>): Promise<T> {
  noteUse(grown, grown.loaded.used + refreshesPerRoundMax / grown.clients.length)
  try {
    return await round()
  } finally {
    noteUse(grown, grown.loaded.used)
  }
}

async function measureRound(
  { grants, site, clients, loaded }: Grown,
  { options, works, binary }: { options: Options; works: readonly Measured[]; binary: Binary },
): Promise<Round> {
  const command = [binary.path, 'serve']
  const starts = await startsOf(site, { command, times: startsPerRound })
  const { child, usage } = await startIdle(site, command)
  const idleMb = usage.memoryMb
  const needs = { works: works.map(workOf), connections: options.connections }
  const running = await filled(site, needs, { child, clients })
  try {
    const figures = new Map<Measured, Speed>()
    let busyMb = 0
    for (const work of works) {
      const workersFor = async (asked: Work, seconds: number) => {
        const { party } = running
        if (asked === 'introspection') return loaded.introspection(party, { ofAny: work === ofAny })
        if (asked === 'refresh') return loaded.refresh(party)
        return running.workersFor(asked, seconds)
      }
      const load = { ...options, latencySeconds: 0 }
      const measured = await measureOne({ ...running, workersFor }, workOf(work), load)
      const cpuMicros = measured.cpuSecondsPerThousand * 1000
      figures.set(work, { perSecond: measured.perSecond, cpuMicros })
      busyMb = Math.max(busyMb, measured.memoryMb)
    }
    return { grants, startMs: medianOf(starts.map(({ ms }) => ms)), idleMb, busyMb, figures }
  } finally {
    await child.end()
  }
}

function growthTable(
  sizes: readonly Grown[],
  works: readonly Measured[],
  rounds: readonly Round[],
): string {
  const of = (grants: number, part: (round: Round) => number) =>
    medianOf(rounds.filter((round) => round.grants === grants).map(part))
  const speed = (grants: number, work: Measured) =>
    of(grants, ({ figures }) => figures.get(work)?.perSecond ?? 0)
  const cpu = (grants: number, work: Measured) =>
    of(grants, ({ figures }) => figures.get(work)?.cpuMicros ?? 0)
  const first = sizes[0]?.grants ?? 0
  const measured = ['start ms', 'idle MB', 'busy MB', 'disk MB', 'bytes a grant', 'filled at']
  const head = ['grants', ...measured, ...works]
  const rows = sizes.map(({ grants, diskMb, grantsPerSecond }) => [
    whole(grants),
    whole(of(grants, ({ startMs }) => startMs)),
    whole(of(grants, ({ idleMb }) => idleMb)),
    whole(of(grants, ({ busyMb }) => busyMb)),
    whole(diskMb),
    whole((diskMb * 2 ** 20) / grants),
    `${whole(grantsPerSecond)}/s`,
    ...works.map((work) => {
      const share = Math.round((speed(grants, work) / speed(first, work)) * 100)
      return `${whole(speed(grants, work))}/s, ${whole(cpu(grants, work))} µs (${share} %)`
    }),
  ])
  return table(head, rows)
}
