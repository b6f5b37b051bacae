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
import { answer, listen } from './thread-answers.ts'
import { outcomeText, TransactionReader } from './transaction-text.ts'

const reader = new TransactionReader()
let connection: LocalConnection | undefined
let waiting: Transaction[] = []

listen((message) => {
  if ('ask' in message) {
    // Whatever else was sent by now is heard of before the commit.
    if (waiting.length === 0) setImmediate(commit)
    waiting.push(reader.read(message.ask))
  } else {
    commit()
    answer(1, () => {
      if ('open' in message) open(message.open)
      else connection?.close()
      return ['']
    })
  }
})

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
