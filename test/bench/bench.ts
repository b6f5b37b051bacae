/**
 * `npm run bench`: Grantlog beside other authorization servers, beside the least that a server must
 * do, and beside what disk and database allow; on this machine, in one run. README.md here says how.
 */
import { libsqlServerAvailable } from '../support/libsql-server.ts'
import { bare } from './contenders/bare.ts'
import { betterAuth } from './contenders/better-auth.ts'
import type { Contender } from './contenders/contender.ts'
import { grantlog, grantlogLibsql } from './contenders/grantlog.ts'
import { installPeers } from './contenders/node-peer.ts'
import { oidcProvider } from './contenders/oidc-provider.ts'
import { libsqlLimit, storeLimit } from './contenders/store-limits.ts'
import { measureGrowth } from './growth/growth.ts'
import { machineNow } from './machine.ts'
import { type Figures, measureAll } from './measure.ts'
import { type Options, readOptions, usage } from './options.ts'
import { bestOf, fallenRatios, type Ratios, ratiosOf, readRatios, saveRatios } from './ratios.ts'
import { tablesOf } from './show/tables.ts'
import { writeReport } from './show/write-report.ts'
import { measureStart } from './start.ts'

const contenders: readonly Contender[] = [
  ...[bare, grantlog, storeLimit, oidcProvider, betterAuth],
  ...(libsqlServerAvailable ? [grantlogLibsql, libsqlLimit] : []),
]

const comparisonsMax = 3

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(usage)
    return 0
  }
  const options = readOptions(args)
  if (options.start) {
    console.log(await measureStart(options, console.error))
    return 0
  }
  if (options.growth.length > 0) {
    console.log(await measureGrowth(options, console.error))
    return 0
  }
  const chosen = contenders.filter(({ name }) => options.contenders.includes(name))
  if (chosen.includes(oidcProvider) || chosen.includes(betterAuth)) installPeers()
  const machine = machineNow()
  const measure = async () => {
    const figures = await measureAll(chosen, options, console.error)
    if (options.json) console.log(JSON.stringify({ machine, options, figures }, null, 2))
    else console.log(tablesOf(figures))
    return figures
  }
  if (options.short) return compare(measure, options)
  const figures = await measure()
  const isPart = args.some((arg) => arg.startsWith('--only') || arg.startsWith('--contenders'))
  if (!isPart) writeReport({ machine, options, figures })
  return 0
}

/** Whatever else the machine does makes a ratio fall and never rise, so the best of them counts. */
async function compare(
  measure: () => Promise<readonly Figures[]>,
  { saveRatios: saves }: Options,
): Promise<number> {
  let best: Ratios = {}
  for (let attempt = 1; attempt <= comparisonsMax; attempt += 1) {
    best = bestOf(best, ratiosOf(await measure()))
    if (saves) {
      saveRatios(best)
      return 0
    }
    const fallen = fallenRatios(best, readRatios())
    for (const words of fallen) console.error(words)
    if (fallen.length === 0) return 0
  }
  return 1
}
