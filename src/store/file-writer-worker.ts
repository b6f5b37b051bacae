/**
 * The writer's thread: it holds the one connection that writes to the file, and blocks on the
 * disk so that the server does not. It knows nothing of events; it commits what it is sent.
 */

import { keepManyPages, LocalConnection } from './local-connection.ts'
import { outcomeText, TransactionReader } from './transaction-text.ts'

export type ToWriter =
  | { readonly open: string }
  | { readonly transaction: string }
  | { readonly close: true }

export type FromWriter =
  | { readonly ready: true }
  /** As transaction-text.ts writes it. */
  | { readonly outcome: string }
  | { readonly failure: string }
  | { readonly closed: true }

/** The part of a worker's global scope that is used here; the DOM's types describe a window. */
interface WriterScope {
  onmessage: ((event: MessageEvent<ToWriter>) => void) | null
  postMessage(message: FromWriter): void
}

const scope = globalThis as unknown as WriterScope
const transactions = new TransactionReader()
let connection: LocalConnection | undefined

scope.onmessage = ({ data }) => {
  try {
    scope.postMessage(answer(data))
  } catch (error) {
    scope.postMessage({ failure: error instanceof Error ? error.message : String(error) })
  }
}

function answer(message: ToWriter): FromWriter {
  if ('open' in message) {
    connection = new LocalConnection(message.open, { busyTimeoutMs: 5_000 })
    connection.execute('PRAGMA synchronous = FULL')
    connection.execute(keepManyPages)
    return { ready: true }
  }
  if ('close' in message) {
    connection?.close()
    return { closed: true }
  }
  if (!connection) throw new Error('Cannot write: the file is not open')
  return { outcome: outcomeText(connection.transact(transactions.read(message.transaction))) }
}
