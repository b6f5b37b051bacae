/**
 * Packages that some tests need and the product does not: each has a folder of its own here with a
 * lock file, and is installed there on first use, without running its scripts.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @param folder beside this file, with a package.json
 * @param file what the tests use, from the folder's node_modules
 * @returns the file's path, or undefined where it cannot be installed
 */
export function extraPackage(folder: string, file: string): string | undefined {
  const home = fileURLToPath(new URL(`./${folder}`, import.meta.url))
  const path = join(home, 'node_modules', file)
  if (existsSync(path)) return path
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund']
  const npm = spawnSync('npm', ['ci', ...flags], { cwd: home })
  if (npm.status !== 0) spawnSync('bun', ['install', '--ignore-scripts'], { cwd: home })
  return existsSync(path) ? path : undefined
}
