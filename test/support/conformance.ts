/**
 * The MCP project's own conformance suite, run as its authors run it: a program that asks a server
 * from the outside, prints a link for a person to open, and waits for the answer to come back.
 */
import { spawn } from 'node:child_process'
import process from 'node:process'
import { extraPackage } from './extra-package.ts'
import type { TestServer } from './server.ts'

const program = extraPackage('conformance', '@modelcontextprotocol/conformance/dist/index.js')

/** False where it cannot be installed: tests that need it are then skipped. */
export const conformanceAvailable = program !== undefined

export interface ConformanceRun {
  readonly exitCode: number | null
  readonly output: string
}

/** Runs every scenario for authorization servers; a person of the server opens the link. */
export async function runConformance(
  server: TestServer,
  given: { clientId: string; clientSecret?: string; callbackPort: number },
): Promise<ConformanceRun> {
  if (program === undefined) throw new Error('Cannot run the conformance suite: it is not there')
  const secret = given.clientSecret === undefined ? [] : ['--client-secret', given.clientSecret]
  const suite = spawn(process.execPath, [
    ...[program, 'authorization', '--url', server.url, '--resource', `${server.url}/api/mcp`],
    ...['--client-id', given.clientId, ...secret, '--port', String(given.callbackPort)],
  ])
  let output = ''
  let opened = false
  const hear = async (part: Buffer) => {
    output += part
    const link = /https?:\/\/\S+\/authorize\?\S+(?=\s)/.exec(output)?.[0]
    if (link === undefined || opened) return
    opened = true
    await fetch(await server.person().answer(link))
  }
  suite.stdout.on('data', hear)
  suite.stderr.on('data', hear)
  const exitCode = await new Promise<number | null>((resolve) => suite.once('exit', resolve))
  return { exitCode, output }
}
