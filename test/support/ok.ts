/** The gate, the same by hand and in CI: format and lint, types, dead code, then every test. */
import { spawnSync } from 'node:child_process'

const steps: readonly (readonly [name: string, ...command: string[]])[] = [
  ['format and lint', 'node_modules/.bin/biome', 'check', '--error-on-warnings', '.'],
  ['types', 'node_modules/.bin/tsc', '--noEmit'],
  ['dead code', 'node_modules/.bin/knip'],
  ['tests', process.execPath, 'test/support/run-tests.ts'],
]

const wanted = process.argv.includes('--static') ? steps.slice(0, -1) : steps
const failed: string[] = []
for (const [name, program = '', ...args] of wanted) {
  console.log(`── ${name}`)
  if (spawnSync(program, args, { stdio: 'inherit' }).status !== 0) failed.push(name)
}
if (failed.length > 0) {
  console.error(`Not ok: ${failed.join(', ')}`)
  process.exitCode = 1
}
