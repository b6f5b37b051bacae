/** A worker as a process of its own, which may be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import process from 'node:process'
import type { OperatorClient } from './operator-client.ts'

/** @param program a file beside this one */
export function startWorkerProcess(
  program: string,
  { url, client, env = {} }: { url: string; client: OperatorClient; env?: Record<string, string> },
): ChildProcess {
  return spawn(process.execPath, [resolve('test/support', program)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      PATH: process.env.PATH,
      GRANTLOG_URL: url,
      CLIENT_ID: client.client_id,
      CLIENT_SECRET: client.client_secret,
      ...env,
    },
  })
}

export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
