/** The table in SECURITY.md is complete: each line is tried by a test with its number, or has a reason. */
import { existsSync, readFileSync } from 'node:fs'
import { Glob } from 'bun'
import { describe, expect, test } from '../support/test.ts'

const linesMax = 38

const rows = readFileSync('SECURITY.md', 'utf8')
  .split('<!-- lines -->')[1]
  ?.split('<!-- /lines -->')[0]
  ?.split('\n')
  .flatMap((line) => {
    const [, number, , reason] = line.split('|').map((cell) => cell.trim())
    return number && /^\d+$/.test(number) ? [{ number: Number(number), reason: reason ?? '' }] : []
  })

/** Numbers after `SECURITY` at the beginning of a test's or a group's name. */
const tried = new Set(
  [...new Glob('test/*/*.test.ts').scanSync('.')].flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/['"`]SECURITY (\d+)[:,]/g)].map(([, n]) => Number(n)),
  ),
)

describe('the table of what is tried', () => {
  test('has every line once', () => {
    const all = Array.from({ length: linesMax }, (_, index) => index + 1)
    expect(rows?.map(({ number }) => number)).toEqual(all)
  })

  for (const { number, reason } of rows ?? []) {
    test(`line ${number} is tried, or says why not`, () => {
      expect(tried.has(number)).toBe(reason === '–')
      for (const [, path = ''] of reason.matchAll(/`(test\/[^`]*)`/g)) {
        expect([path, existsSync(path)]).toEqual([path, true])
      }
    })
  }
})
