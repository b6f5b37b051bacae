/**
 * A site whose database is filled with so many grants. In a folder that is named it is kept, with a
 * note of what it holds, and used again:
 *
 *   <folder>/<grants>/grantlog.db · filled.json   no note → it was not filled to the end: anew
 *
 * To measure takes some of it: a refresh token is good once. The note says how far they are used.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../src/cli/free-port.ts'
import { addClients } from '../contenders/grantlog-clients.ts'
import { newSite, type Site } from '../contenders/grantlog-server.ts'
import type { Say } from '../measure.ts'
import { whole } from '../show/tables.ts'
import type { Client } from '../works/party.ts'
import { loadGrants } from './load-grants.ts'

/** So that tokens of a database that is kept are good for as long as it is of use. */
const ttlSeconds = 300 * 24 * 60 * 60

export interface FilledSite {
  readonly site: Site
  readonly clients: readonly Client[]
  readonly grants: number
  /** Of how many grants of each client the first refresh token was used. */
  readonly used: number
  /** Megabytes, when it had just been filled. */
  readonly diskMb: number
  readonly grantsPerSecond: number
}

/** What is written beside a database; its resources are named by its port. */
type Note = Omit<FilledSite, 'site' | 'grants'> & { readonly port: number }

export interface Wanted {
  readonly grants: number
  readonly connections: number
  /** Where it is kept; else it is for this run alone. */
  readonly folder?: string
}

export async function filledSite(wanted: Wanted, say: Say): Promise<FilledSite> {
  const { grants, folder, connections } = wanted
  const directory = folder === undefined ? undefined : join(folder, String(grants))
  const note = directory === undefined ? undefined : readNote(directory)
  const isGood = note?.clients.length === connections && note.used < grants / connections / 2
  if (note && directory !== undefined && isGood) {
    const site = await newSite({ directory, port: note.port, ttlSeconds })
    return { ...note, site, grants }
  }
  if (directory !== undefined) {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
  }
  return fill(wanted, { directory, say })
}

async function fill(
  { grants, connections }: Wanted,
  { directory, say }: { directory: string | undefined; say: Say },
): Promise<FilledSite> {
  say(`filling a database with ${whole(grants)} grants`)
  const port = await freePort()
  const site = await newSite({
    port,
    ttlSeconds,
    ...(directory === undefined ? {} : { directory }),
  })
  const clients = await addClients(site, connections)
  const started = performance.now()
  await loadGrants({ site, clientIds: clients.map(({ id }) => id), grants, say })
  const grantsPerSecond = grants / ((performance.now() - started) / 1000)
  const diskMb = sizeOf(site.directory)
  const filled = { site, clients, grants, used: 0, diskMb, grantsPerSecond }
  noteUse(filled, 0)
  return filled
}

/** For the next run. */
export function noteUse(
  { site, clients, diskMb, grantsPerSecond }: FilledSite,
  used: number,
): void {
  const port = Number(new URL(site.url).port)
  const note: Note = { clients, used, diskMb, grantsPerSecond, port }
  writeFileSync(noteIn(site.directory), JSON.stringify(note))
}

function readNote(directory: string): Note | undefined {
  const path = noteIn(directory)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

function noteIn(directory: string): string {
  return join(directory, 'filled.json')
}

function sizeOf(directory: string): number {
  const files = readdirSync(directory).filter((name) => name.startsWith('grantlog.db'))
  const bytes = files.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
  return bytes / 2 ** 20
}
