/**
 * What the disk and the database allow: the rows that Grantlog writes, in the batches that it wrote
 * them in, without Grantlog; see `recorder.ts`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startLibsqlServer } from '../../support/libsql-server.ts'
import { driveClosed } from '../load/drive.ts'
import type { Client } from '../works/party.ts'
import type { Child } from './child.ts'
import type { Contender, Needs, Running, SelfMeasured, Work } from './contender.ts'
import { filled } from './grantlog.ts'
import { clientsPath } from './grantlog-clients.ts'
import { newSite, startSite } from './grantlog-server.ts'

const recorder = fileURLToPath(new URL('./recorder.ts', import.meta.url))
/** Those of which one unit is one append. */
const measured: readonly Work[] = ['refresh', 'client-credentials']

export const storeLimit: Contender = {
  name: 'store-limit',
  label: 'the same rows alone, file',
  works: measured,
  async start(needs) {
    const running = await startRecorder(needs)
    let replays = 0
    const replayTo = () => {
      replays += 1
      return join(running.child.directory, `replay-${replays}.db`)
    }
    return measuringItself(running, async () => running.child.tell(`replay ${replayTo()}`))
  },
}

export const libsqlLimit: Contender = {
  name: 'libsql-limit',
  label: 'the same rows alone, libSQL server',
  works: measured,
  async start(needs) {
    const database = await startLibsqlServer()
    const running = await startRecorder(needs, database.url)
    const replayed = measuringItself(running, async () => {
      const empty = await startLibsqlServer()
      try {
        return await running.child.tell(`replay ${empty.url} ${empty.pid}`)
      } finally {
        await empty.stop()
      }
    })
    const stop = async () => {
      await running.stop()
      await database.stop()
    }
    return { ...replayed, stop }
  },
}

interface Recorder extends Running {
  readonly child: Child
}

async function startRecorder(needs: Needs, databaseUrl?: string): Promise<Recorder> {
  const site = await newSite(databaseUrl === undefined ? {} : { databaseUrl })
  const { directory } = site
  const command = [process.execPath, recorder, directory, String(needs.connections)]
  const child = await startSite(site, command)
  const clients = JSON.parse(readFileSync(clientsPath(directory), 'utf8')) as Client[]
  return { ...(await filled(site, needs, { child, clients })), child }
}

function measuringItself(running: Recorder, replay: () => Promise<string>): Running {
  return {
    ...running,
    async measureItself(work, { warmUpSeconds, seconds }): Promise<SelfMeasured> {
      const { url } = running
      const load = async (length: number) => {
        return { url, workers: await running.workersFor(work, length), seconds: length }
      }
      // The rows that count go into a database as large as the one of whoever stands beside it.
      await driveClosed(await load(warmUpSeconds))
      const driven = await load(seconds)
      await running.child.tell('mark')
      await driveClosed(driven)
      const measured = JSON.parse(await replay())
      if ('failure' in measured) throw new Error(measured.failure)
      return measured
    },
  }
}
