/** Writes the report of a whole run: Markdown for people, a picture, figures for programs. */
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Machine } from '../machine.ts'
import type { Figures } from '../measure.ts'
import type { Options } from '../options.ts'
import { chartOf } from './chart.ts'
import { tablesOf } from './tables.ts'

const folder = new URL('../report/', import.meta.url)

export interface Report {
  readonly machine: Machine
  readonly options: Options
  readonly figures: readonly Figures[]
}

export function writeReport(report: Report): void {
  mkdirSync(folder, { recursive: true })
  const { machine, figures } = report
  const title = `Units of work in a second, ${machine.date}`
  writeFileSync(new URL('report.md', folder), markdownOf(report))
  writeFileSync(new URL('report.svg', folder), chartOf(figures, title))
  writeFileSync(new URL('figures.json', folder), `${JSON.stringify(report, null, 2)}\n`)
}

function markdownOf({ machine, options, figures }: Report): string {
  const { rounds, connections, seconds } = options
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  return `# Benchmark of ${machine.date}

${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}; load generator, server and database on the same machine, whose load was ${machine.loadBefore} before. ${versions.join(', ')}.

Each contender was started ${rounds} times in turn and driven over ${connections} connections for ${seconds} seconds of each work; the figures are medians. Every answer was checked. How and with which settings: [README](../README.md).

![Throughput of each work](report.svg)

${tablesOf(figures)}
`
}
