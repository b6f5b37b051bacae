/** The figures as Markdown tables, which read well on a terminal too. */
import { type ContenderName, contenderNames, type Work, works } from '../contenders/contender.ts'
import type { Figures } from '../measure.ts'
import { type Goal, goalsOf } from './goals.ts'
import { labels } from './labels.ts'

export class Results {
  readonly #figures: readonly Figures[]

  constructor(figures: readonly Figures[]) {
    this.#figures = figures
  }

  find(contender: ContenderName, work: Work): Figures | undefined {
    return this.#figures.find((each) => each.contender === contender && each.work === work)
  }

  get works(): Work[] {
    const measured = (work: Work) => this.#figures.some((each) => each.work === work)
    return (Object.keys(works) as Work[]).filter(measured)
  }

  get contenders(): ContenderName[] {
    return contenderNames.filter((name) => this.#figures.some((each) => each.contender === name))
  }
}

export function tablesOf(figures: readonly Figures[]): string {
  const results = new Results(figures)
  const tables = [
    'Units of work in a second; in brackets, how many times as many Grantlog on a file does.',
    speedTable(results),
    'What it is measured by.',
    goalTable(goalsOf(results)),
    'At half of that speed: milliseconds that a unit takes, CPU seconds for a thousand units, memory in MB after full speed.',
    detailTable(results),
  ]
  return tables.filter((table) => table !== '').join('\n\n')
}

function speedTable(results: Results): string {
  const { contenders } = results
  const rows = results.works.map((work) => {
    const own = results.find('grantlog', work)?.perSecond
    const cells = contenders.map((contender) => {
      const speed = results.find(contender, work)?.perSecond
      if (speed === undefined) return '–'
      if (contender === 'grantlog' || own === undefined) return whole(speed)
      return `${whole(speed)} (${times(own / speed)})`
    })
    return [works[work], ...cells]
  })
  return table(['work', ...contenders.map((name) => labels[name])], rows)
}

export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ goal, reached, measured }) => [goal, measured, reached ? 'yes' : 'no'])
  return rows.length === 0 ? '' : table(['goal', 'measured', 'reached'], rows)
}

function detailTable(results: Results): string {
  const rows = results.works.flatMap((work) =>
    results.contenders.flatMap((contender) => {
      const found = results.find(contender, work)
      if (!found) return []
      const { latency, cpuSecondsPerThousand, memoryMb } = found
      const spans = latency ? [latency.p50, latency.p99, latency.p999].map(span) : ['–', '–', '–']
      const memory = memoryMb === 0 ? '–' : whole(memoryMb)
      return [[works[work], labels[contender], ...spans, cpuSecondsPerThousand.toFixed(3), memory]]
    }),
  )
  return table(['work', 'server', 'p50', 'p99', 'p99.9', 'CPU s', 'MB'], rows)
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

export function whole(number: number): string {
  return Math.round(number).toLocaleString('en-US')
}

export function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)}×`
}

function span(milliseconds: number): string {
  return milliseconds < 10 ? milliseconds.toFixed(2) : milliseconds.toFixed(0)
}
