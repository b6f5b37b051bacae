/** The table in SECURITY.md is complete: each line is tried by the tests that it names, under its number. */
import { existsSync, readFileSync } from 'node:fs'
import { Glob } from 'bun'
import { describe, expect, test } from '../support/test.ts'

const linesMax = 42

const rows = (readFileSync('SECURITY.md', 'utf8').split('<!-- lines -->')[1] ?? '')
  .split('<!-- /lines -->')[0]
  ?.split('\n')
  .flatMap((line) => {
    const [, number, , where = ''] = line.split('|').map((cell) => cell.trim())
    const paths = [...where.matchAll(/`([^`]*)`/g)].map(([, path = '']) => path)
    return number && /^\d+$/.test(number) ? [{ number: Number(number), paths }] : []
  })

/** Numbers after `SECURITY` at the beginning of a test's or a group's name. */
const triedIn = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/['"`]SECURITY (\d+)[:,]/g)].map(([, n]) => Number(n))

describe('the table of what is tried', () => {
  const all = Array.from({ length: linesMax }, (_, index) => index + 1)

  test('has every line once', () => {
    expect(rows?.map(({ number }) => number)).toEqual(all)
  })

  for (const { number, paths } of rows ?? []) {
    test(`line ${number} is tried where it says`, () => {
      expect(paths).not.toEqual([])
      for (const path of paths) {
        expect([path, existsSync(path) && triedIn(path).includes(number)]).toEqual([path, true])
      }
    })
  }

  test('has the line of every test that names one', () => {
    const tried = [...new Glob('test/**/*.test.ts').scanSync('.')].flatMap(triedIn)
    expect(tried.filter((number) => !all.includes(number))).toEqual([])
  })
})
