/**
 * The whole suite: every folder of test/ on Bun, then the core and the examples in docs on Deno.
 *
 *   bun test/support/run-tests.ts [--nightly] [folder …]
 *
 * The last line is `N passed, N failed`, over everything. Tests that a machine cannot run are
 * left out and named; in CI (`CI=true`) that is a failure.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Glob } from 'bun'
import { type Capability, capabilities } from './capabilities.ts'
import { type Counts, countTests } from './junit.ts'

interface Suite {
  readonly name: string
  command(report: string): string[]
}

/** Generous, because machines are shared; no test measures time. */
const testTimeoutMs = 120_000
const suiteTimeoutMs = 15 * 60_000

const denoPath = 'node_modules/deno/deno'
const denoPermissions = ['read', 'write', 'net', 'env', 'sys', 'ffi', 'run', 'import']
const denoFolders = ['domain', 'protocol', 'projections', 'ledger', 'config', 'runtimes']

const args = process.argv.slice(2)
const chosen = args.filter((arg) => !arg.startsWith('--'))
if (args.includes('--nightly')) process.env.GRANTLOG_TEST_NIGHTLY = '1'

const reports = mkdtempSync(join(tmpdir(), 'grantlog-tests-'))
const results = [...bunSuites(), ...denoSuites()].map(run)
rmSync(reports, { recursive: true })
const missing = announceMissing()
const passed = sum((counts) => counts.passed)
const failed = sum((counts) => counts.failed) + missing
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function bunSuites(): Suite[] {
  const folders = new Map<string, string[]>()
  for (const path of [...new Glob('test/**/*.test.{ts,tsx}').scanSync('.')].sort()) {
    const parts = path.split('/')
    const folder = parts.length > 2 ? (parts[1] ?? '') : 'house'
    if (folder === 'bench' || path.includes('node_modules')) continue
    folders.set(folder, [...(folders.get(folder) ?? []), `./${path}`])
  }
  return [...folders].filter(isChosen).map(([folder, files]) => ({
    name: folder,
    command: (report) => [
      process.execPath,
      'test',
      '--only-failures',
      `--timeout=${testTimeoutMs}`,
      '--reporter=junit',
      `--reporter-outfile=${report}`,
      ...files,
    ],
  }))
}

function denoSuites(): Suite[] {
  const command = [denoPath, 'test', '--no-check', '--quiet']
  const permissions = denoPermissions.map((name) => `--allow-${name}`)
  const folders = denoFolders.map((name) => `test/${name}`).filter((path) => existsSync(path))
  const examples = filesWithExamples()
  const suites: [string, string[]][] = [
    ['core on Deno', folders],
    ['doc examples', examples.length > 0 ? ['--doc', ...examples] : []],
  ]
  return suites
    .filter(([, paths]) => paths.length > 0)
    .filter(isChosen)
    .map(([name, paths]) => ({
      name,
      command: (report) => [...command, ...permissions, `--junit-path=${report}`, ...paths],
    }))
}

function isChosen([name]: [string, unknown]): boolean {
  return chosen.length === 0 || chosen.includes(name)
}

/** Documents and sources whose comments hold runnable TypeScript. */
function filesWithExamples(): string[] {
  return ['README.md', 'docs/*.md', 'src/**/*.ts']
    .flatMap((pattern) => [...new Glob(pattern).scanSync('.')])
    .filter((path) => readFileSync(path, 'utf8').includes('```ts\n'))
    .sort()
}

function run(suite: Suite): Counts {
  const report = join(reports, `${suite.name.replaceAll(' ', '-')}.xml`)
  const [program = '', ...rest] = suite.command(report)
  const started = performance.now()
  // What passing tests print would bury the rest; a suite's output is shown when it fails. It
  // goes to a file, because a pipe stays open for as long as any process that a test left behind.
  const output = `${report}.txt`
  const file = openSync(output, 'w')
  const child = spawnSync(program, rest, {
    stdio: ['ignore', file, file],
    env: { ...process.env, NO_COLOR: '1' },
    timeout: suiteTimeoutMs,
    killSignal: 'SIGKILL',
  })
  closeSync(file)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  let counts = existsSync(report)
    ? countTests(readFileSync(report, 'utf8'))
    : { passed: 0, failed: 0, leftOut: 0 }
  if (child.status !== 0) {
    console.log(readFileSync(output, 'utf8'))
    if (child.error) console.log(child.error.message)
    // A file that does not even load has no test that could fail.
    if (counts.failed === 0) counts = { ...counts, failed: 1 }
  }
  console.log(
    `${counts.failed > 0 ? '✗' : '✓'} ${suite.name}: ${counts.passed} passed, ${counts.failed} failed` +
      `${counts.leftOut > 0 ? `, ${counts.leftOut} left out` : ''} (${seconds} s)`,
  )
  return counts
}

/** Says what this machine could not run; how many of those count as failures. */
function announceMissing(): number {
  const absent: readonly Capability[] = capabilities.filter((capability) => !capability.present)
  for (const { tests, missing } of absent) console.log(`\nLEFT OUT: ${tests}: ${missing}`)
  const leftOut = sum((counts) => counts.leftOut)
  if (leftOut > 0) console.log(`\n${leftOut} tests left out`)
  return process.env.CI === 'true' ? absent.length : 0
}

function sum(part: (counts: Counts) => number): number {
  return results.reduce((total, counts) => total + part(counts), 0)
}
