/**
 * What a short run compares: not speeds, which belong to a machine, but the CPU time of Grantlog's
 * work beside that of the others in the same run, which whatever else the machine does disturbs
 * least. A ratio that falls by more than a third is a failure; one that rises is stored by
 * `npm run bench -- --short --save-ratios`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { ContenderName, Work } from './contenders/contender.ts'
import type { Figures } from './measure.ts'

const path = new URL('./ratios.json', import.meta.url)
const lossMax = 1 / 3

export type Ratios = Readonly<Record<string, number>>

const compared: readonly (readonly [work: Work, against: ContenderName])[] = [
  ['introspection', 'bare'],
  ['introspection', 'oidc-provider'],
  ['refresh', 'oidc-provider'],
  ['refresh', 'store-limit'],
  ['client-credentials', 'oidc-provider'],
  ['client-credentials', 'store-limit'],
  ['code-flow', 'oidc-provider'],
]

/** How many times the CPU time of Grantlog on a file each of the others takes. */
export function ratiosOf(figures: readonly Figures[]): Ratios {
  const cost = (contender: ContenderName, work: Work) =>
    figures.find((each) => each.contender === contender && each.work === work)
      ?.cpuSecondsPerThousand
  const ratios = compared.flatMap(([work, against]) => {
    const [own, other] = [cost('grantlog', work), cost(against, work)]
    if (own === undefined || other === undefined) return []
    return [[`${work} against ${against}`, Number((other / own).toFixed(3))] as const]
  })
  return Object.fromEntries(ratios)
}

/** The higher one of each. */
export function bestOf(one: Ratios, other: Ratios): Ratios {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...names].map((n) => [n, Math.max(one[n] ?? 0, other[n] ?? 0)]))
}

export function readRatios(): Ratios {
  return JSON.parse(readFileSync(path, 'utf8'))
}

export function saveRatios(ratios: Ratios): void {
  writeFileSync(path, `${JSON.stringify(ratios, null, 2)}\n`)
}

export function fallenRatios(now: Ratios, stored: Ratios): string[] {
  return Object.entries(stored).flatMap(([name, before]) => {
    const ratio = now[name] ?? 0
    if (ratio >= before * (1 - lossMax)) return []
    return [`Slower: ${name} is ${ratio}, and was ${before}`]
  })
}
