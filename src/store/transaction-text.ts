/**
 * A transaction as one text, for the writer's thread: a text is handed over whole, where objects
 * would be copied one by one. Each statement is sent once with its SQL, and then by its number:
 *
 *   {"sql": ["INSERT …"], "preconditions": [[0, 7]], "units": [[[1, "evt_…", {"bytes": "…"}], …], …]}
 */
import type { SqlValue, Statement } from '../projections/statement.ts'
import type { Transaction } from './database.ts'

type Sent = readonly [number, ...SentValue[]]
type SentValue = string | number | null | SentForm
/** What JSON has no form for. */
type SentForm =
  | { readonly bytes: string }
  | { readonly integer: string }
  | { readonly number: string }

interface SentTransaction {
  /** SQL that was not sent before; its numbers follow on those that were. */
  readonly sql: readonly string[]
  readonly preconditions: readonly Sent[]
  readonly units: readonly (readonly Sent[])[]
}

/** Makes the texts of one connection, in the order in which they are sent. */
export class TransactionWriter {
  readonly #numbers = new Map<string, number>()

  write({ preconditions, units }: Transaction): string {
    const sql: string[] = []
    const send = ({ sql: text, args }: Statement): Sent => {
      let number = this.#numbers.get(text)
      if (number === undefined) {
        number = this.#numbers.size
        this.#numbers.set(text, number)
        sql.push(text)
      }
      return [number, ...args.map(sent)]
    }
    const transaction: SentTransaction = {
      preconditions: preconditions.map(send),
      units: units.map((unit) => unit.map(send)),
      sql,
    }
    return JSON.stringify(transaction)
  }
}

/** Reads them in the same order. */
export class TransactionReader {
  readonly #sql: string[] = []

  read(text: string): Transaction {
    const { sql, preconditions, units } = JSON.parse(text) as SentTransaction
    this.#sql.push(...sql)
    const receive = ([number, ...args]: Sent): Statement => ({
      sql: this.#sql[number] ?? '',
      args: args.map(received),
    })
    return { preconditions: preconditions.map(receive), units: units.map((u) => u.map(receive)) }
  }
}

function sent(value: SqlValue): SentValue {
  if (typeof value === 'bigint') return { integer: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) }
  if (typeof value !== 'object' || value === null) return value
  const { buffer, byteOffset, byteLength } = value
  return { bytes: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
}

function received(value: SentValue): SqlValue {
  if (typeof value !== 'object' || value === null) return value
  if ('bytes' in value) return Buffer.from(value.bytes, 'base64')
  return 'number' in value ? Number(value.number) : BigInt(value.integer)
}
