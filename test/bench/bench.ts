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
import { measureAll } from './measure.ts'
import { type Options, readOptions, usage } from './options.ts'
import { fallenRatios, ratiosOf, readRatios, saveRatios } from './ratios.ts'
import { tablesOf } from './show/tables.ts'
import { writeReport } from './show/write-report.ts'
import { measureStart } from './start.ts'

const contenders: readonly Contender[] = [
  ...[bare, grantlog, storeLimit, oidcProvider, betterAuth],
  ...(libsqlServerAvailable ? [grantlogLibsql, libsqlLimit] : []),
]

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
  const figures = await measureAll(chosen, options, console.error)
  if (options.json) console.log(JSON.stringify({ machine, options, figures }, null, 2))
  else console.log(tablesOf(figures))
  if (options.short) return compare(figures, options)
  const isWhole = args.every((arg) => arg === '--json')
  if (isWhole) writeReport({ machine, options, figures })
  return 0
}

function compare(figures: Parameters<typeof ratiosOf>[0], { saveRatios: saves }: Options): number {
  const ratios = ratiosOf(figures)
  if (saves) {
    saveRatios(ratios)
    return 0
  }
  const fallen = fallenRatios(ratios, readRatios())
  for (const words of fallen) console.error(words)
  return fallen.length === 0 ? 0 : 1
}
