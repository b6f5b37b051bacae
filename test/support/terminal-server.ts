/** `grantlog serve` in a terminal, as an operator starts it: there alone the set-up link is shown. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type Place, type Program, sourceProgram } from '../cli/processes.ts'

/** The program that gives a terminal to another; on Linux every distribution brings it. */
export const hasTerminal = spawnSync('script', ['--version']).status === 0

export interface TerminalServer {
  readonly url: string
  /** What stands on the screen so far. */
  readonly screen: () => string
  /** Ctrl+C, and waits for the end. */
  stop(): Promise<void>
}

export async function serveInTerminal(
  place: Place,
  program: Program = sourceProgram,
): Promise<TerminalServer> {
  const command = [...program, 'serve'].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: place.folder,
    env: { ...place.env, TERM: 'xterm' },
  })
  const ended = once(child, 'close')
  let screen = ''
  await new Promise<void>((listening, failed) => {
    child.stdout.on('data', (chunk) => {
      screen += chunk
      if (screen.includes('Ctrl+C stops the server')) listening()
    })
    child.on('close', () => failed(new Error(`Cannot serve: ${screen}`)))
  })
  return {
    url: `http://localhost:${place.env.PORT}`,
    screen: () => screen,
    stop: async () => {
      child.stdin.write('\u0003')
      await ended
    },
  }
}
