/**
 * The MCP project's own conformance suite, run as its authors run it: a program that asks a server
 * from the outside, prints a link for a person to open, and waits for the answer to come back.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
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
  return run(
    [
      ...[program, 'authorization', '--url', server.url, '--resource', `${server.url}/api/mcp`],
      ...['--client-id', given.clientId, ...secret, '--port', String(given.callbackPort)],
    ],
    onceFor(/https?:\/\/\S+\/authorize\?\S+(?=\s)/, async (link) => {
      await fetch(await server.person().answer(link))
    }),
  )
}

/** Which scenarios or single checks are known to fail, each with its reason. */
const expectedFailures = join(import.meta.dirname, 'conformance', 'expected-failures.yml')

/** Runs every scenario for servers: what is known to fail must do so, and all else pass. */
export function runServerConformance(url: string): Promise<ConformanceRun> {
  if (program === undefined) throw new Error('Cannot run the conformance suite: it is not there')
  return run([
    ...[program, 'server', '--url', url, '--suite', 'all'],
    ...['--expected-failures', expectedFailures],
  ])
}

async function run(
  args: readonly string[],
  hearAll: (output: string) => void = () => undefined,
): Promise<ConformanceRun> {
  const suite = spawn(process.execPath, args)
  let output = ''
  const hear = (part: Buffer) => {
    output += part
    hearAll(output)
  }
  suite.stdout.on('data', hear)
  suite.stderr.on('data', hear)
  const exitCode = await new Promise<number | null>((resolve) => suite.once('exit', resolve))
  return { exitCode, output }
}

function onceFor(pattern: RegExp, act: (found: string) => void): (output: string) => void {
  let isDone = false
  return (output) => {
    const [found] = pattern.exec(output) ?? []
    if (found === undefined || isDone) return
    isDone = true
    act(found)
  }
}
