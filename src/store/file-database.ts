/**
 * A database in a file of this process alone.
 *
 *   this thread ── reads ─────────────▶ connection ──┐
 *        ├─ while the disk is slow ─▶ reading threads ─┼▶ file (WAL, synchronous = FULL)
 *        └──── transactions ───────▶ writer's thread ──┘
 *
 * All threads see what is committed at once, so a read after an append sees the append.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { LogUnavailable } from '../domain/event-log.ts'
import type { Statement } from '../projections/statement.ts'
import type { Database, Row, Transaction, TransactionOutcome } from './database.ts'
import { DiskWatch } from './disk-watch.ts'
import { FileThread } from './file-thread.ts'
import { keepManyPages, LocalConnection } from './local-connection.ts'
import { type FileLock, lockFile } from './lock.ts'
import { ReadingThreads } from './reading-threads.ts'
import { asksQuickly } from './touched-keys.ts'
import { readOutcome, TransactionWriter } from './transaction-text.ts'

/** A checkpoint of the WAL may hold a reader up for a moment. */
const readBusyTimeoutMs = 5_000

/** In a compiled binary a worker lies under its path from the sources' root, as JavaScript. */
const isCompiled = /\$bunfs|~BUN/.test(import.meta.url)
const workers = {
  write: new URL(
    isCompiled ? './store/file-writer-worker.js' : './file-writer-worker.ts',
    import.meta.url,
  ),
  read: new URL(
    isCompiled ? './store/file-reader-worker.js' : './file-reader-worker.ts',
    import.meta.url,
  ),
}

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
    const writer = threadFor('write')
    await writer.ask({ open: path })
    const threads = new ReadingThreads(() => readingThread(path))
    const disk = new DiskWatch(() => threads.rest())
    return new FileDatabase({ reader, writer, threads, disk, lock })
  } catch (error) {
    lock.release()
    throw error
  }
}

interface Parts {
  readonly reader: LocalConnection
  readonly writer: FileThread
  readonly threads: ReadingThreads
  readonly disk: DiskWatch
  readonly lock: FileLock
}

/** One that has been told to open the file; where it cannot, it says so to whoever asks. */
export function readingThread(path: string): FileThread {
  const thread = threadFor('read')
  thread.ask({ open: path }).catch(() => undefined)
  return thread
}

/** A reader holds nothing for long, and is told so (Bun alone listens): its garbage goes sooner. */
function threadFor(work: 'read' | 'write'): FileThread {
  const options = { type: 'module', smol: work === 'read' } as const
  return new FileThread(new Worker(workers[work], options), work)
}

export class FileDatabase implements Database {
  readonly #reader: LocalConnection
  readonly #writer: FileThread
  readonly #threads: ReadingThreads
  readonly #disk: DiskWatch
  readonly #lock: FileLock
  readonly #texts = new TransactionWriter()

  constructor(parts: Parts) {
    this.#reader = parts.reader
    this.#writer = parts.writer
    this.#threads = parts.threads
    this.#disk = parts.disk
    this.#lock = parts.lock
  }

  async transact(transaction: Transaction): Promise<TransactionOutcome> {
    return readOutcome(await this.#writer.ask({ ask: this.#texts.write(transaction) }))
  }

  async query(statement: Statement): Promise<Row[]> {
    if (this.#disk.isBusy && asksQuickly(statement)) return this.#threads.ask(statement)
    return this.#read(() => this.#reader.run(statement))
  }

  async snapshot(statements: readonly Statement[]): Promise<Row[][]> {
    return this.#read(() => this.#reader.snapshot(statements))
  }

  async close(): Promise<void> {
    this.#disk.close()
    await Promise.all([this.#writer.close(), this.#threads.close()])
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
