/**
 * Which of Telegram's updates were dealt with. Telegram brings one again until it knows that it
 * arrived, and so does whoever restarts in between: an update counts once all the same. It keeps
 * them for a day, and so are the marks.
 */
import type { Expiring } from '../domain/expiring.ts'
import type { Services } from '../protocol/services.ts'

const kind = 'bot-update'
const keptMs = 2 * 24 * 60 * 60 * 1000

/** `acted`: what was asked for is done, though perhaps nobody was told. */
export type Step = 'acted' | 'answered'

export class UpdateMarks {
  readonly #expiring: Expiring
  readonly #now: () => number

  constructor({ expiring, now }: Pick<Services, 'expiring' | 'now'>) {
    this.#expiring = expiring
    this.#now = now
  }

  async find(updateId: number): Promise<Step | undefined> {
    const body = await this.#expiring.get(kind, String(updateId))
    return (body as { step: Step } | undefined)?.step
  }

  async put(updateId: number, step: Step): Promise<void> {
    const expiresAt = this.#now() + keptMs
    await this.#expiring.put({ kind, id: String(updateId), body: { step }, expiresAt })
  }
}
