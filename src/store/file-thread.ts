/**
 * A thread that holds a connection to the file, as seen from the server's: questions go out, answers
 * come back in the same order, and the death of the thread is an answer to all who wait.
 */
import { LogUnavailable } from '../domain/event-log.ts'
import type { FromThread, ToThread } from './thread-answers.ts'

export class FileThread {
  readonly #worker: Worker
  readonly #work: 'read' | 'write'
  readonly #waiting: PromiseWithResolvers<string>[] = []
  #isDead = false

  constructor(worker: Worker, work: 'read' | 'write') {
    this.#worker = worker
    this.#work = work
    this.#worker.onmessage = ({ data }: MessageEvent<FromThread>) => {
      if ('answers' in data) this.#resolve(data.answers)
      else this.#reject(data.questions, this.#failed(data.failure))
    }
    this.#worker.onerror = (event) => {
      event.preventDefault()
      this.#die()
    }
    this.#worker.addEventListener('close', () => this.#die())
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** The answer to a question, as a text; nothing to other messages. */
  ask(message: ToThread): Promise<string> {
    if (this.#isDead) return Promise.reject(this.#ended())
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
    this.#reject(this.#waiting.length, this.#ended())
  }

  #ended(): LogUnavailable {
    return this.#failed('the thread for it has ended')
  }

  #failed(why: string): LogUnavailable {
    return new LogUnavailable(`Cannot ${this.#work}: ${why}`)
  }
}
