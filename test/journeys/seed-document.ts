/**
 * A documented system, sentence by sentence: each says in our words what the document promises and
 * where, and checks it against a server that was started with that system's preset. What belongs
 * to parts that are not built yet is a list, with the reason, so that nothing is forgotten.
 */
import { describe, expect, test } from '../support/test.ts'

export interface Sentence {
  /** The section of the document. */
  readonly section: string
  readonly says: string
  check(): Promise<void>
}

export interface Later {
  readonly says: string
  readonly why: string
}

export function documentHolds(
  title: string,
  { sentences, later }: { sentences: readonly Sentence[]; later: readonly Later[] },
): void {
  describe(title, () => {
    for (const { section, says, check } of sentences) test(`${section}: ${says}`, check)

    if (later.length === 0) return
    test(`${later.length} sentences wait for parts that are not built yet, each with its reason`, () => {
      const checked = new Set(sentences.map(({ says }) => says))
      for (const { says, why } of later) {
        expect(checked.has(says)).toBe(false)
        expect(why).not.toBe('')
      }
    })
  })
}

/** The body of an answer that must have this status. */
export async function bodyOf(
  asked: Response | Promise<Response>,
  status = 200,
): Promise<Record<string, unknown>> {
  const answer = await asked
  const body = (await answer.json()) as Record<string, unknown>
  expect({ status: answer.status, body }).toEqual({ status, body })
  return body
}
