/** Throughput as bars, one small chart for each work on a scale of its own. */
import { type ContenderName, type Work, works } from '../contenders/contender.ts'
import type { Figures } from '../measure.ts'
import { labels } from './labels.ts'
import { Results, whole } from './tables.ts'

const width = 760
const rowHeight = 20
const titleHeight = 30
const gap = 14
const labelWidth = 170
const barWidthMax = width - labelWidth - 110

const colours: Readonly<Record<ContenderName, string>> = {
  grantlog: '#0b7285',
  'grantlog-libsql': '#3bc9db',
  bare: '#adb5bd',
  'store-limit': '#adb5bd',
  'libsql-limit': '#ced4da',
  'oidc-provider': '#e8590c',
  'better-auth': '#f59f00',
}

export function chartOf(figures: readonly Figures[], title: string): string {
  const results = new Results(figures)
  let y = titleHeight + gap
  const charts = results.works.map((work) => {
    const chart = workChart(results, work, y)
    y += chart.height + gap
    return chart.svg
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="12">
<rect width="${width}" height="${y}" fill="#ffffff"/>
<text x="10" y="22" font-size="15" font-weight="600" fill="#212529">${title}</text>
${charts.join('\n')}
</svg>
`
}

function workChart(results: Results, work: Work, top: number): { svg: string; height: number } {
  const bars = results.contenders.flatMap((contender) => {
    const found = results.find(contender, work)
    return found ? [{ contender, perSecond: found.perSecond }] : []
  })
  bars.sort((a, b) => b.perSecond - a.perSecond)
  const most = bars[0]?.perSecond ?? 1
  const rows = bars.map(({ contender, perSecond }, index) => {
    const y = top + titleHeight + index * rowHeight
    const length = Math.max(1, (perSecond / most) * barWidthMax).toFixed(1)
    const weight = contender.startsWith('grantlog') ? ' font-weight="600"' : ''
    const end = labelWidth + Number(length)
    return `<text x="${labelWidth - 8}" y="${y + 13}" text-anchor="end" fill="#495057"${weight}>${labels[contender]}</text><rect x="${labelWidth}" y="${y + 3}" width="${length}" height="13" rx="2" fill="${colours[contender]}"/><text x="${end + 6}" y="${y + 13}" fill="#212529">${whole(perSecond)}/s</text>`
  })
  const heading = `<text x="10" y="${top + 18}" font-weight="600" fill="#212529">${works[work]}</text>`
  return { svg: [heading, ...rows].join('\n'), height: titleHeight + bars.length * rowHeight }
}
