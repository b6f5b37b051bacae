/**
 * A contender's process: its own folder for data, its output in a file there (a pipe would cost the
 * load generator's time), and a line of that output that says where it listens.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const startMsMax = 30_000
const stopMsMax = 10_000
const pollMs = 5

export interface Child {
  readonly pid: number
  readonly directory: string
  /** What the line that says it is ready holds: its address. */
  readonly url: string
  /** A line to its standard input, and the next one of its output that begins with `answer `. */
  tell(line: string): Promise<string>
  /** Ends the process and leaves its folder. */
  end(): Promise<void>
  stop(): Promise<void>
}

export interface ChildOptions {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Finds the address in its output. */
  readonly ready?: RegExp
  readonly directory?: string
}

export function dataDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'grantlog-bench-'))
}

/** @throws when it does not come up, with the end of what it said */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { command, env = {}, ready = /^ready (\S+)$/m, directory = dataDirectory() } = options
  const [program = '', ...args] = command
  const path = join(directory, 'output.txt')
  const file = openSync(path, 'w')
  const child = spawn(program, args, {
    stdio: ['pipe', file, file],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  })
  closeSync(file)
  const said = () => readFileSync(path, 'utf8')
  const url = await heard(child, { said, pattern: ready, msMax: startMsMax })
  let answers = 0
  return {
    pid: child.pid ?? 0,
    directory,
    url,
    async tell(line) {
      child.stdin?.write(`${line}\n`)
      answers += 1
      const pattern = new RegExp(`(?:^answer .*\\n[^]*?){${answers - 1}}^answer (.*)\\n`, 'm')
      return heard(child, { said, pattern, msMax: 10 * startMsMax })
    },
    end: () => ended(child),
    async stop() {
      await ended(child)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

interface Heard {
  readonly said: () => string
  readonly pattern: RegExp
  readonly msMax: number
}

async function heard(child: ChildProcess, { said, pattern, msMax }: Heard): Promise<string> {
  const end = performance.now() + msMax
  while (performance.now() < end && child.exitCode === null) {
    const found = pattern.exec(said())?.[1]
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  await ended(child)
  throw new Error(`Cannot use "${child.spawnargs.join(' ')}":\n${said().slice(-2000)}`)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const cutOff = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
  await exit
  clearTimeout(cutOff)
}
