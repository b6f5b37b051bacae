/**
 * Fills a database with grants, fast, and as the server would have: several threads decide and plan
 * as the store does, hundreds of streams an append, and this one writes the rows.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Site } from '../contenders/grantlog-server.ts'
import { type Bulk, BulkWriter } from './bulk-writer.ts'
import { grantsPerPerson } from './loaded-grants.ts'
import type { FromPlanner, ToPlanner } from './planning-thread.ts'

const grantsPerAppend = 20 * grantsPerPerson
/** How many appends a thread may be ahead. */
const appendsAhead = 4
const sayEveryMs = 10_000

export interface Loading {
  readonly site: Site
  readonly clientIds: readonly string[]
  readonly grants: number
  readonly say: (words: string) => void
}

export async function loadGrants({ site, clientIds, grants, say }: Loading): Promise<void> {
  const started = performance.now()
  // A millisecond for each append, which takes longer: no event is of a time to come.
  const startedAt = Date.now()
  const appends = Math.ceil(grants / grantsPerAppend)
  const threads = Array.from({ length: availableParallelism() }, () => new PlanningThread(site))
  const writer = new BulkWriter(join(site.directory, 'grantlog.db'))
  const threadOf = (append: number) => threads[append % threads.length] as PlanningThread
  const ask = (append: number) => {
    if (append >= appends) return
    const from = append * grantsPerAppend
    const end = Math.min(from + grantsPerAppend, grants)
    threadOf(append).ask({ range: { from, end, clientIds }, at: startedAt + append })
  }
  try {
    const ahead = appendsAhead * threads.length
    for (let append = 0; append < ahead; append += 1) ask(append)
    let said = started
    for (let append = 0; append < appends; append += 1) {
      writer.write(await threadOf(append).next())
      ask(append + ahead)
      const now = performance.now()
      if (now - said < sayEveryMs) continue
      said = now
      const loaded = (append + 1) * grantsPerAppend
      say(`  ${loaded} grants, ${Math.round((loaded / (now - started)) * 1000)}/s`)
    }
  } finally {
    for (const thread of threads) thread.end()
    writer.close()
  }
}

/** Gives what was asked of it in that order. */
class PlanningThread {
  readonly #worker = new Worker(new URL('./planning-thread.ts', import.meta.url), {
    type: 'module',
  })
  readonly #asked: PromiseWithResolvers<Bulk>[] = []
  readonly #unread: Promise<Bulk>[] = []

  constructor({ env, directory }: Site) {
    this.#worker.onmessage = ({ data }: MessageEvent<FromPlanner>) => {
      const asked = this.#asked.shift()
      if ('failure' in data) asked?.reject(new Error(data.failure))
      else asked?.resolve(data.bulk)
    }
    this.#worker.onerror = ({ message }) => {
      for (const asked of this.#asked) asked.reject(new Error(message))
    }
    this.#send({ site: { env, directory } })
  }

  ask(asked: ToPlanner & { range: unknown }): void {
    const answer = Promise.withResolvers<Bulk>()
    // Whoever reads it hears of a failure.
    answer.promise.catch(() => undefined)
    this.#asked.push(answer)
    this.#unread.push(answer.promise)
    this.#send(asked)
  }

  next(): Promise<Bulk> {
    return this.#unread.shift() ?? Promise.reject(new Error('Cannot load grants: none was asked'))
  }

  end(): void {
    this.#worker.terminate()
  }

  #send(message: ToPlanner): void {
    this.#worker.postMessage(message)
  }
}
