/**
 * A Grantlog server that remembers everything which it sends to its database, commit by commit,
 * and on demand sends the same ones again, as fast as the database takes them, to an empty database
 * of the same kind. What that gives is what no server could beat that writes those rows in those
 * commits: no HTTP, no check, nothing to decide, statements prepared, everything from memory.
 *
 *   bun recorder.ts <data directory> <how many clients to add>
 *
 * It obeys lines on its standard input:
 *
 *   mark                 from here on it counts
 *   replay <target>      a file's path, or `<url> <process id>` of a libSQL server
 */
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import Libsql from 'libsql'
import type { Statement } from '../../../src/projections/statement.ts'
import {
  type Database,
  NothingWritten,
  type Transaction,
  type TransactionOutcome,
  toBindable,
} from '../../../src/store/database.ts'
import { FileDatabase } from '../../../src/store/file-database.ts'
import { writerPragmas } from '../../../src/store/local-connection.ts'
import { openRemoteDatabase, RemoteDatabase } from '../../../src/store/remote-database.ts'
import { usageOf } from '../load/usage.ts'
import type { SelfMeasured } from './contender.ts'
import { addClients, clientsPath } from './grantlog-clients.ts'

/** Each is one commit. */
const recorded: Transaction[] = []
const asItWas = RemoteDatabase.prototype.transact
let marked = 0
let lastCommit = 0

for (const { prototype } of [FileDatabase, RemoteDatabase]) remember(prototype)
createInterface({ input: process.stdin }).on('line', async (line) => {
  const failed = (error: Error) => ({ failure: error.stack })
  console.log(`answer ${JSON.stringify(await obey(line).catch(failed))}`)
})
const [directory = '', count] = process.argv.splice(2, 2, 'serve')
const site = { directory, env: process.env as Record<string, string> }
writeFileSync(clientsPath(directory), JSON.stringify(await addClients(site, Number(count))))
await import('../../../src/main.ts')

function remember(database: Pick<Database, 'transact'>): void {
  const transact = database.transact
  database.transact = async function (this: Database, transaction) {
    const outcome = await transact.call(this, transaction)
    if (outcome.committed) record(whatWasDone(transaction, outcome), outcome.commit)
    return outcome
  }
}

function record(done: Transaction, commit: number): void {
  const shared = commit === lastCommit ? recorded.pop() : undefined
  lastCommit = commit
  recorded.push({
    preconditions: [...(shared?.preconditions ?? []), ...done.preconditions],
    units: [...(shared?.units ?? []), ...done.units],
  })
}

/** Without the units that were refused. */
function whatWasDone(
  { preconditions, units }: Transaction,
  outcome: TransactionOutcome & { committed: true },
): Transaction {
  return { preconditions, units: units.filter((_, index) => outcome.units[index]?.done) }
}

async function obey(line: string): Promise<SelfMeasured | { marked: number }> {
  const [word, target = '', processId] = line.split(' ')
  if (word === 'mark') {
    marked = recorded.length
    return { marked }
  }
  return processId === undefined ? replayOnFile(target) : replayOnServer(target, Number(processId))
}

async function replayOnFile(path: string): Promise<SelfMeasured> {
  const database = new Libsql(path)
  database.exec('PRAGMA journal_mode = WAL')
  for (const pragma of writerPragmas) database.exec(pragma)
  const prepared = new Map<string, { statement: Libsql.Statement; givesRows: boolean }>()
  const run = ({ sql, args }: { sql: string; args: unknown[] }) => {
    let found = prepared.get(sql)
    if (!found) {
      const statement = database.prepare(sql)
      found = { statement, givesRows: statement.reader }
      prepared.set(sql, found)
    }
    if (found.givesRows) found.statement.all(args)
    else found.statement.run(args)
  }
  const bind = ({ sql, args }: Statement) => ({ sql, args: args.map(toBindable) })
  const measured = await replay([process.pid], ({ preconditions, units }) => {
    const statements = [...preconditions, ...units.flat()].map(bind)
    return () => {
      database.exec('BEGIN IMMEDIATE')
      for (const statement of statements) run(statement)
      database.exec('COMMIT')
    }
  })
  database.close()
  return measured
}

async function replayOnServer(url: string, processId: number): Promise<SelfMeasured> {
  const database = await openRemoteDatabase({ url })
  const measured = await replay([process.pid, processId], (transaction) => async () => {
    const outcome = await untilWritten(() => asItWas.call(database, transaction))
    if (!outcome.committed) throw new Error(`Cannot replay: ${outcome.refusal.message}`)
  })
  await database.close()
  return measured
}

/** While the server checkpoints it is busy, as it is for Grantlog. */
async function untilWritten<T>(write: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof NothingWritten)) throw error
    }
  }
}

/** What came before the mark puts the database into the same state; then the clock runs. */
async function replay(
  processIds: readonly number[],
  prepare: (transaction: Transaction) => () => void | Promise<void>,
): Promise<SelfMeasured> {
  for (const transaction of recorded.slice(0, marked)) await prepare(transaction)()
  const measured = recorded.slice(marked)
  const commits = measured.map(prepare)
  const before = usageOf(processIds)
  const started = performance.now()
  for (const commit of commits) await commit()
  const seconds = (performance.now() - started) / 1000
  const cpuSeconds = usageOf(processIds).cpuSeconds - before.cpuSeconds
  const units = measured.flatMap((transaction) => transaction.units).filter(isAppend).length
  return { units, seconds, cpuSeconds }
}

function isAppend(unit: readonly Statement[]): boolean {
  return unit.some(({ sql }) => sql.startsWith('INSERT INTO events'))
}
