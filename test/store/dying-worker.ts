/** A writer's thread that opens, and dies of the first transaction. */
import type { FromThread, ToThread } from '../../src/store/thread-answers.ts'

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToThread>) => void
  postMessage(message: FromThread): void
}

scope.onmessage = ({ data }) => {
  if (!('open' in data)) throw new Error('The thread dies here')
  scope.postMessage({ answers: [''] })
}
