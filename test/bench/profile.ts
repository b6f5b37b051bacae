/**
 * `bun test/bench/profile.ts <work> [seconds]`: where a Grantlog server spends its time while it is
 * driven. The profile itself (for Chromium's tools) stays in the folder that is printed.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Work } from './contenders/contender.ts'
import { filled } from './contenders/grantlog.ts'
import { addClients } from './contenders/grantlog-clients.ts'
import { newSite, program, startSite } from './contenders/grantlog-server.ts'
import { driveClosed } from './load/drive.ts'
import { usageOf } from './load/usage.ts'

const connections = 64
const shown = 60

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  readonly samples: readonly number[]
}

const [work = 'introspection', seconds = '4'] = process.argv.slice(2)
const site = await newSite()
const clients = await addClients(site, connections)
const folder = join(site.directory, 'profile')
const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`]
const child = await startSite(site, [process.execPath, ...flags, program, 'serve'])
const running = await filled(site, { works: [work as Work], connections }, { child, clients })
const load = async (length: number) => ({
  url: running.url,
  workers: await running.workersFor(work as Work, length),
  seconds: length,
})
await driveClosed(await load(1))
const before = usageOf([child.pid])
const { units, seconds: took } = await driveClosed(await load(Number(seconds)))
const cpuSeconds = usageOf([child.pid]).cpuSeconds - before.cpuSeconds
await child.end()
const micros = ((cpuSeconds / units) * 1e6).toFixed(1)
console.log(`${work}: ${Math.round(units / took)}/s while profiled, ${micros} µs of CPU each`)
for (const name of readdirSync(folder)) {
  const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile
  console.log(`\n${join(folder, name)}`)
  for (const line of busiest(profile)) console.log(line)
}

/** The functions in which most samples were taken, with their share. */
function busiest({ nodes, samples }: Profile): string[] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || '(anonymous)'} ${url.replace(/^.*?(src|node_modules)\//, '$1/')}:${lineNumber}`,
    ]),
  )
  const counts = new Map<string, number>()
  for (const id of samples) {
    const name = names.get(id) ?? '?'
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, shown)
    .map(([name, count]) => `${((count / samples.length) * 100).toFixed(1).padStart(5)} %  ${name}`)
}
