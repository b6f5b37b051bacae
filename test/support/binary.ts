/** The binary of these sources: the one in `dist/` if it is newer than they are, else a fresh one. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Glob } from 'bun'

export interface Binary {
  readonly path: string
  /** Takes away what was built for this test. */
  remove(): void
}

export function builtBinary(): Binary {
  const made = resolve('dist/grantlog')
  if (existsSync(made) && statSync(made).mtimeMs > newestSourceMs()) {
    return { path: made, remove: () => {} }
  }
  const folder = mkdtempSync(join(tmpdir(), 'grantlog-binary-'))
  const path = join(folder, 'grantlog')
  const build = spawnSync(process.execPath, ['build.ts', path], { encoding: 'utf8' })
  if (build.status !== 0) throw new Error(`Cannot build the binary: ${build.stderr}`)
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function newestSourceMs(): number {
  const sources = new Glob('{src/**/*,drizzle/**/*,build.ts,package.json,package-lock.json}')
  const times = [...sources.scanSync('.')].map((path) => statSync(path).mtimeMs)
  return Math.max(...times)
}
