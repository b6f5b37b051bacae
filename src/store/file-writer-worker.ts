/**
 * The writer's thread: it holds the one connection that writes to the file, and blocks on the
 * disk so that the server does not. It knows nothing of events; it commits what it is sent, and
 * what it was sent during one commit shares the next:
 *
 *   server   a ──▶ b ──▶ c ──▶ d ──▶          decides while this thread writes
 *   writer       [ a ][ b c ]  [ d ]
 */
import { setImmediate } from 'node:timers'
import type { Transaction } from './database.ts'
import { LocalConnection, writerPragmas } from './local-connection.ts'
import { outcomeText, TransactionReader } from './transaction-text.ts'

export type ToWriter =
  | { readonly open: string }
  /** As transaction-text.ts writes it. */
  | { readonly transaction: string }
  | { readonly close: true }

export type FromWriter =
  /** To so many questions, in their order; what came of a transaction as transaction-text.ts writes it. */
  | { readonly answers: readonly string[] }
  /** Of as many questions. */
  | { readonly failure: string; readonly questions: number }

/** The part of a worker's global scope that is used here; the DOM's types describe a window. */
interface WriterScope {
  onmessage: ((event: MessageEvent<ToWriter>) => void) | null
  postMessage(message: FromWriter): void
}

const scope = globalThis as unknown as WriterScope
const reader = new TransactionReader()
let connection: LocalConnection | undefined
let waiting: Transaction[] = []

scope.onmessage = ({ data }) => {
  if ('transaction' in data) {
    // Whatever else was sent by now is heard of before the commit.
    if (waiting.length === 0) setImmediate(commit)
    waiting.push(reader.read(data.transaction))
  } else {
    commit()
    answer(1, () => {
      if ('open' in data) open(data.open)
      else connection?.close()
      return ['']
    })
  }
}

function commit(): void {
  const transactions = waiting
  waiting = []
  if (transactions.length === 0) return
  answer(transactions.length, () => {
    if (!connection) throw new Error('the file is not open')
    return connection.transactAll(transactions).map(outcomeText)
  })
}

function open(path: string): void {
  connection = new LocalConnection(path, { busyTimeoutMs: 5_000 })
  for (const pragma of writerPragmas) connection.execute(pragma)
}

function answer(questions: number, find: () => readonly string[]): void {
  try {
    scope.postMessage({ answers: find() })
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    scope.postMessage({ failure, questions })
  }
}
