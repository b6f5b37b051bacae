/**
 * The MCP project's own server that offers everything, as a process of its own over HTTP: the
 * package is installed on first use beside this file.
 */
import { spawn } from 'node:child_process'
import process from 'node:process'
import { freePort } from '../../src/cli/free-port.ts'
import { extraPackage } from './extra-package.ts'

const program = extraPackage(
  'everything-server',
  '@modelcontextprotocol/server-everything/dist/index.js',
)
const startTriesMax = 200
const startPauseMs = 50

/** False where it cannot be installed: tests that need it are then skipped. */
export const everythingAvailable = program !== undefined

export interface EverythingServer {
  readonly url: string
  stop(): Promise<void>
}

export async function startEverythingServer(): Promise<EverythingServer> {
  if (program === undefined) throw new Error('Cannot start the MCP server: it is not there')
  const port = await freePort()
  const env = { PATH: process.env.PATH, PORT: String(port) }
  const server = spawn(process.execPath, [program, 'streamableHttp'], { env, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}/mcp`
  for (let tries = 0; ; tries += 1) {
    if (await fetch(url).catch(() => undefined)) break
    if (tries === startTriesMax || server.exitCode !== null) {
      throw new Error('Cannot start the MCP server: it does not answer')
    }
    await new Promise((resolve) => setTimeout(resolve, startPauseMs))
  }
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      if (server.exitCode === null && server.kill('SIGKILL')) await ended
    },
  }
}
