/** Counts the tests in a JUnit report, as `bun test` and `deno test` write them. */

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly leftOut: number
}

interface Case {
  readonly name: string
  readonly failed: boolean
  readonly leftOut: boolean
}

export function countTests(report: string): Counts {
  const cases = withoutGroups(casesIn(report))
  const failed = cases.filter((c) => c.failed).length
  const leftOut = cases.filter((c) => c.leftOut && !c.failed).length
  return { passed: cases.length - failed - leftOut, failed, leftOut }
}

function casesIn(report: string): Case[] {
  const pattern = /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g
  return [...report.matchAll(pattern)].map(([, attributes = '', body = '']) => ({
    name: /\bname="([^"]*)"/.exec(attributes)?.[1] ?? '',
    failed: /<(failure|error)\b/.test(body),
    leftOut: /<skipped\b/.test(body),
  }))
}

/**
 * Deno counts a `describe` as a test as well, with the names of its own tests beginning with its
 * name. It counts for itself only when it failed and no test inside did: in a hook, then.
 */
function withoutGroups(cases: readonly Case[]): Case[] {
  return cases.filter((group) => {
    const inside = cases.filter((c) => c.name.startsWith(`${group.name} &gt; `))
    return inside.length === 0 || (group.failed && !inside.some((c) => c.failed))
  })
}
