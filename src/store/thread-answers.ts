/** What goes between the server's thread and one that holds a connection, and how the latter answers. */

export type ToThread =
  /** The path of the file. */
  | { readonly open: string }
  /** A transaction or questions, as transaction-text.ts writes them. */
  | { readonly ask: string }
  | { readonly close: true }

export type FromThread =
  /** To so many messages, in their order; empty where there is nothing to say. */
  | { readonly answers: readonly string[] }
  /** Of as many messages. */
  | { readonly failure: string; readonly questions: number }

/** The part of a worker's global scope that is used here; the DOM's types describe a window. */
interface ThreadScope {
  onmessage: ((event: MessageEvent<ToThread>) => void) | null
  postMessage(message: FromThread): void
}

const scope = globalThis as unknown as ThreadScope

export function listen(hear: (message: ToThread) => void): void {
  scope.onmessage = ({ data }) => hear(data)
}

export function answer(questions: number, find: () => readonly string[]): void {
  try {
    scope.postMessage({ answers: find() })
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    scope.postMessage({ failure, questions })
  }
}
