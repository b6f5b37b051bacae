/**
 * The writer as another thread: what is sent to it is carried out later, all that waits in one
 * commit, and heard of later still, one after another.
 */
import type { Database, Transaction, TransactionOutcome } from '../../src/store/database.ts'
import type { LocalConnection } from '../../src/store/local-connection.ts'

export class LateWriter {
  readonly #connection: LocalConnection
  readonly #sent: { transaction: Transaction; heard: PromiseWithResolvers<TransactionOutcome> }[] =
    []
  readonly #unheard: (() => void)[] = []

  constructor(connection: LocalConnection) {
    this.#connection = connection
  }

  /** The same database, written to by this writer. */
  behind(database: Database): Database {
    return {
      ...database,
      transact: (transaction) => {
        const heard = Promise.withResolvers<TransactionOutcome>()
        this.#sent.push({ transaction, heard })
        return heard.promise
      },
    }
  }

  commit(): void {
    const sent = this.#sent.splice(0)
    if (sent.length === 0) return
    const outcomes = this.#connection.transactAll(sent.map(({ transaction }) => transaction))
    for (const [index, { heard }] of sent.entries()) {
      this.#unheard.push(() => heard.resolve(outcomes[index] as TransactionOutcome))
    }
  }

  /** What came of the next transaction is told; false when there is none. */
  async tell(): Promise<boolean> {
    const next = this.#unheard.shift()
    next?.()
    await new Promise((resolve) => setImmediate(resolve))
    return next !== undefined
  }

  async tellAll(): Promise<void> {
    this.commit()
    while (await this.tell());
  }
}
