/**
 * A database in a file of this process alone.
 *
 *   this thread ── reads ──────────▶ connection ─┐
 *        └──── transactions ──▶ writer's thread ─┴▶ file (WAL, synchronous = FULL)
 *
 * Both threads see what is committed at once, so a read after an append sees the append.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { LogUnavailable } from '../domain/event-log.ts'
import type { Statement } from '../projections/statement.ts'
import type { Database, Row, Transaction, TransactionOutcome } from './database.ts'
import { FileWriter } from './file-writer.ts'
import { keepManyPages, LocalConnection } from './local-connection.ts'
import { type FileLock, lockFile } from './lock.ts'
import { readOutcome, TransactionWriter } from './transaction-text.ts'

/** A checkpoint of the WAL may hold a reader up for a moment. */
const readBusyTimeoutMs = 5_000

/** In a compiled binary a worker lies under its path from the sources' root, as JavaScript. */
const isCompiled = /\$bunfs|~BUN/.test(import.meta.url)
const workerUrl = new URL(
  isCompiled ? './store/file-writer-worker.js' : './file-writer-worker.ts',
  import.meta.url,
)

/** @throws {DatabaseInUse} when another process has the file */
export async function openFileDatabase(path: string): Promise<FileDatabase> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const lock = lockFile(path)
  try {
    const reader = new LocalConnection(path, { busyTimeoutMs: readBusyTimeoutMs })
    // The write-ahead log and its index take the mode of the file that they belong to.
    chmodSync(path, 0o600)
    reader.run({ sql: 'PRAGMA journal_mode = WAL', args: [] })
    reader.execute(keepManyPages)
    const writer = new FileWriter(new Worker(workerUrl, { type: 'module' }))
    await writer.ask({ open: path })
    return new FileDatabase({ reader, writer, lock })
  } catch (error) {
    lock.release()
    throw error
  }
}

export class FileDatabase implements Database {
  readonly #reader: LocalConnection
  readonly #writer: FileWriter
  readonly #lock: FileLock
  readonly #texts = new TransactionWriter()

  constructor(parts: { reader: LocalConnection; writer: FileWriter; lock: FileLock }) {
    this.#reader = parts.reader
    this.#writer = parts.writer
    this.#lock = parts.lock
  }

  async transact(transaction: Transaction): Promise<TransactionOutcome> {
    return readOutcome(await this.#writer.ask({ transaction: this.#texts.write(transaction) }))
  }

  async query(statement: Statement): Promise<Row[]> {
    return this.#read(() => this.#reader.run(statement))
  }

  async snapshot(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#read(() => this.#reader.snapshot(statements))
  }

  async close(): Promise<void> {
    await this.#writer.close()
    this.#reader.close()
    this.#lock.release()
  }

  #read<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw new LogUnavailable('Cannot read the database: it does not answer', { cause: error })
    }
  }
}
