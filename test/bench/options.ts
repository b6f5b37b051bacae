/** What the command line asks for. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type ContenderName, contenderNames, type Work, works } from './contenders/contender.ts'

export interface Options {
  readonly works: readonly Work[]
  readonly contenders: readonly ContenderName[]
  readonly rounds: number
  readonly connections: number
  readonly warmUpSeconds: number
  /** How long each contender is driven as fast as it can. */
  readonly seconds: number
  /** How long it is driven at half of that; 0 to leave it out. */
  readonly latencySeconds: number
  readonly json: boolean
  readonly short: boolean
  readonly saveRatios: boolean
  /** How many grants each database is filled with, where growth is measured instead. */
  readonly growth: readonly number[]
  /** The folder in which those databases are kept for the next time; none for this run alone. */
  readonly growthIn?: string
  /** Whether it is measured instead how the binary starts and idles. */
  readonly start: boolean
}

export const usage = `npm run bench -- [options]

  --only <work,…>         ${Object.keys(works).join(', ')}
  --contenders <name,…>   ${contenderNames.join(', ')}
  --rounds <number>       how often each is measured; medians are shown (3)
  --seconds <number>      how long each is driven (4)
  --connections <number>  64
  --json                  figures instead of tables, on standard output
  --short                 two minutes, for CI: fails when a ratio fell by more than a third
  --save-ratios           with --short: keeps the ratios of this run to compare with
  --growth <number,…>     instead: Grantlog alone, on databases of so many grants
  --growth-in <folder>    with --growth: keeps the databases there, and uses those that are there
  --start                 instead: how long the binary takes to start, and what it holds idle`

/** Code is compiled while it runs: in its first seconds a server is slower than all its life after. */
const warmUpSecondsMax = 6

const shortForm = {
  works: ['introspection', 'refresh', 'client-credentials', 'code-flow'],
  contenders: ['bare', 'grantlog', 'oidc-provider', 'store-limit'],
  rounds: 2,
  connections: 32,
  warmUpSeconds: 1,
  seconds: 1.5,
  latencySeconds: 0,
} as const

/** @throws {Error} in words for whoever typed it */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      contenders: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '64' },
      json: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      'save-ratios': { type: 'boolean', default: false },
      growth: { type: 'string' },
      'growth-in': { type: 'string' },
      start: { type: 'boolean', default: false },
    },
  })
  const seconds = positive(values.seconds)
  const full = {
    works: chosen(values.only, Object.keys(works) as Work[]),
    contenders: chosen(values.contenders, contenderNames),
    rounds: positive(values.rounds),
    connections: positive(values.connections),
    warmUpSeconds: Math.min(warmUpSecondsMax, seconds),
    seconds,
    latencySeconds: seconds,
  }
  return {
    ...full,
    ...(values.short ? shortForm : {}),
    json: values.json,
    short: values.short,
    saveRatios: values['save-ratios'],
    start: values.start,
    growth: (values.growth?.split(',') ?? []).map(positive),
    ...(values['growth-in'] === undefined ? {} : { growthIn: resolve(values['growth-in']) }),
  }
}

function chosen<T extends string>(text: string | undefined, known: readonly T[]): readonly T[] {
  if (text === undefined) return known
  return text.split(',').map((name) => {
    const found = known.find((each) => each === name.trim())
    if (!found) throw new Error(`Cannot measure "${name}": there are ${known.join(', ')}`)
    return found
  })
}

function positive(text: string): number {
  const number = Number(text.replaceAll('_', ''))
  if (number > 0 && Number.isFinite(number)) return number
  throw new Error(`Cannot use "${text}": it must be a number above 0`)
}
