/**
 * The writer's thread as seen from the server's: questions go out, answers come back in the same
 * order, and the death of the thread is an answer to all who wait.
 */
import { LogUnavailable } from '../domain/event-log.ts'
import type { FromWriter, ToWriter } from './file-writer-worker.ts'

export class FileWriter {
  readonly #worker: Worker
  readonly #waiting: PromiseWithResolvers<string>[] = []
  #isDead = false

  constructor(worker: Worker) {
    this.#worker = worker
    this.#worker.onmessage = ({ data }: MessageEvent<FromWriter>) => {
      if ('answers' in data) this.#resolve(data.answers)
      else this.#reject(data.questions, new LogUnavailable(`Cannot write: ${data.failure}`))
    }
    this.#worker.onerror = (event) => {
      event.preventDefault()
      this.#die()
    }
    this.#worker.addEventListener('close', () => this.#die())
  }

  /** What came of a transaction, as a text; nothing for other messages. */
  ask(message: ToWriter): Promise<string> {
    if (this.#isDead) return Promise.reject(writerEnded())
    const asker = Promise.withResolvers<string>()
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

  #resolve(answers: readonly string[]): void {
    for (const [index, asker] of this.#waiting.splice(0, answers.length).entries()) {
      asker.resolve(answers[index] ?? '')
    }
  }

  #reject(questions: number, error: LogUnavailable): void {
    for (const asker of this.#waiting.splice(0, questions)) asker.reject(error)
  }

  #die(): void {
    this.#isDead = true
    this.#reject(this.#waiting.length, writerEnded())
  }
}

function writerEnded(): LogUnavailable {
  return new LogUnavailable("Cannot write: the writer's thread has ended")
}
