/** A writer's thread that opens, and dies of the first transaction. */
import type { FromWriter, ToWriter } from '../../src/store/file-writer-worker.ts'

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToWriter>) => void
  postMessage(message: FromWriter): void
}

scope.onmessage = ({ data }) => {
  if (!('open' in data)) throw new Error('The thread dies here')
  scope.postMessage({ answers: [''] })
}
