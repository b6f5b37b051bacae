/** The README says which standards are carried out, where, and where they are tested. All of it. */
import { existsSync, readFileSync } from 'node:fs'
import { Glob } from 'bun'
import { presetNames } from '../src/config/presets.ts'
import { errorMarkers, errorsAsMarkdown } from '../src/protocol/error-codes.ts'
import { describe, expect, test } from './support/test.ts'

const readme = readFileSync('README.md', 'utf8')
const table = readme.split('<!-- standards -->')[1]?.split('<!-- /standards -->')[0]
const rows = (table ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)

const sources = [...new Glob('src/**/*.{ts,tsx}').scanSync('.')].sort()

describe('the table of standards', () => {
  test('has a row for every RFC that a source cites', () => {
    const named = new Set((table ?? '').match(/\b\d{4}\b/g))
    const cited = sources.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/@see \[RFC (\d+)/g)].map(([, rfc]) => rfc ?? ''),
    )
    expect(cited.length).toBeGreaterThan(30)
    expect([...new Set(cited)].filter((rfc) => !named.has(rfc))).toEqual([])
  })

  test('names sources and tests that exist, and says what is left out', () => {
    expect(rows.length).toBeGreaterThan(10)
    for (const row of rows) {
      const [, , where = '', tests = '', leftOut = ''] = row.split('|')
      const paths = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '')
      expect(paths(where).length).toBeGreaterThan(0)
      expect(paths(where).filter((path) => !existsSync(`src/${path}`))).toEqual([])
      expect(paths(tests).length).toBeGreaterThan(0)
      expect(paths(tests).filter((path) => !existsSync(path))).toEqual([])
      expect(leftOut.trim()).not.toBe('')
    }
  })
})

test('the table of errors is the one that the server answers by', () => {
  const document = readFileSync('docs/errors.md', 'utf8')
  const errors = document.split(errorMarkers.from)[1]?.split(errorMarkers.to)[0]
  expect(errors?.trim()).toBe(errorsAsMarkdown())
})

test('every preset is introduced', () => {
  for (const name of presetNames) expect(readme).toContain(`| \`${name}\` |`)
})
