/** Runs the command line as a process of its own, as a shell would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { freePort } from '../support/server.ts'

/** How the command is called: the source on Bun, the script on Node, or the binary. */
export type Program = readonly [file: string, ...args: string[]]

export const sourceProgram: Program = [
  process.execPath,
  `--tsconfig-override=${resolve('tsconfig.json')}`,
  resolve('src/main.ts'),
]
export const denoProgram: Program = [
  resolve('node_modules/deno/deno'),
  ...['run', '--no-check', '--config', resolve('deno.json')],
  ...['--allow-read', '--allow-write', '--allow-net', '--allow-env', '--allow-sys', '--allow-ffi'],
  resolve('src/runtimes/deno-main.ts'),
]
export const scriptProgram: Program = ['node', resolve('bin/grantlog.mjs')]

export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** An empty folder to run in, and the environment that goes with it. */
export interface Place {
  readonly folder: string
  readonly env: Record<string, string>
  remove(): void
}

export async function newPlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'grantlog-cli-'))
  const env = { PATH: process.env.PATH ?? '', PORT: String(await freePort()) }
  return { folder, env, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export async function run(
  [file, ...first]: Program,
  call: { place: Place; args: readonly string[]; input?: string; env?: Record<string, string> },
): Promise<Finished> {
  const { place, args, input = '', env = {} } = call
  const child = spawn(file, [...first, ...args], {
    cwd: place.folder,
    env: { ...place.env, ...env },
  })
  const collected = collect(child)
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...collected() }
}

export interface Serving {
  readonly url: string
  readonly output: () => string
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts `serve` and resolves when it says that it listens. */
export async function startServing(
  [file, ...first]: Program,
  place: Place,
  args: readonly string[] = [],
): Promise<Serving> {
  const options = { cwd: place.folder, env: place.env, detached: true }
  const child = spawn(file, [...first, 'serve', ...args], options)
  const collected = collect(child)
  const ended = once(child, 'close')
  await new Promise<void>((listening, failed) => {
    child.stdout.on('data', () => collected().out.includes('"Listening"') && listening())
    child.on('close', () => failed(new Error(`Cannot serve: ${JSON.stringify(collected())}`)))
  })
  return {
    url: `http://localhost:${place.env.PORT}`,
    output: () => collected().out + collected().err,
    end: async (signal) => {
      // Nothing passes SIGKILL on, so it goes to the group: a script and what it started die at once.
      if (signal === 'SIGKILL' && child.pid) process.kill(-child.pid, signal)
      else child.kill(signal)
      const [code] = (await ended) as [number | null]
      return code
    },
  }
}

function collect(child: ChildProcess): () => { out: string; err: string } {
  const text = { out: '', err: '' }
  child.stdout?.on('data', (chunk) => {
    text.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    text.err += chunk
  })
  return () => ({ ...text })
}
