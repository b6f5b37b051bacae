/**
 * Attempts on one account take turns in this process: many at once would all have been let in
 * before the first of them had failed.
 */
const turns = new Map<string, Promise<unknown>>()

export async function inTurn<T>(account: string, act: () => Promise<T>): Promise<T> {
  const turn = (turns.get(account) ?? Promise.resolve()).then(act, act)
  turns.set(account, turn)
  try {
    return await turn
  } finally {
    if (turns.get(account) === turn) turns.delete(account)
  }
}
