/**
 * The writer's thread as seen from the server's: questions go out, answers come back in the same
 * order, and the death of the thread is an answer to all who wait.
 */
import { LogUnavailable } from '../domain/event-log.ts'
import type { FromWriter, ToWriter } from './file-writer-worker.ts'

export class FileWriter {
  readonly #worker: Worker
  readonly #waiting: PromiseWithResolvers<FromWriter>[] = []
  #isDead = false

  constructor(worker: Worker) {
    this.#worker = worker
    this.#worker.onmessage = ({ data }: MessageEvent<FromWriter>) => {
      const asker = this.#waiting.shift()
      if ('failure' in data) asker?.reject(new LogUnavailable(`Cannot write: ${data.failure}`))
      else asker?.resolve(data)
    }
    this.#worker.onerror = (event) => {
      event.preventDefault()
      this.#die()
    }
    this.#worker.addEventListener('close', () => this.#die())
  }

  ask(message: ToWriter): Promise<FromWriter> {
    if (this.#isDead) return Promise.reject(writerEnded())
    const asker = Promise.withResolvers<FromWriter>()
    this.#waiting.push(asker)
    this.#worker.postMessage(message)
    return asker.promise
  }

  /** Ends the thread once it has closed the file: one that is ended amid native code aborts the process. */
  async close(): Promise<void> {
    if (this.#isDead) return
    await this.ask({ close: true })
    this.#worker.terminate()
    this.#die()
  }

  #die(): void {
    this.#isDead = true
    for (const asker of this.#waiting.splice(0)) asker.reject(writerEnded())
  }
}

function writerEnded(): LogUnavailable {
  return new LogUnavailable("Cannot write: the writer's thread has ended")
}
