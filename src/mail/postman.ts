/**
 * Empties the outbox. A letter is taken out, so that of two servers one sends it, and put back
 * when it could not be sent: after half a minute first, then after longer, until it ends. A server
 * that is killed in the moment of sending loses that letter; whoever waits for it asks again.
 */
import type { Settings } from '../config/settings.ts'
import type { Expiring } from '../domain/expiring.ts'
import type { Keyring } from '../domain/keyring.ts'
import type { Logger } from '../domain/logger.ts'
import { type LetterInOutbox, letterKind } from '../identity/outbox.ts'
import type { MailCarrier } from '../protocol/services.ts'
import { composeMail } from './compose.tsx'
import type { MailTransport } from './transport.ts'

const lettersPerRun = 100
const firstPauseMs = 30_000
const pauseMsMax = 3600_000

export interface PostmanParts {
  readonly settings: Settings
  readonly keyring: Keyring
  readonly expiring: Expiring
  readonly logger: Logger
  readonly now: () => number
  readonly transport: MailTransport
}

export class Postman implements MailCarrier {
  readonly #parts: PostmanParts
  #round: Promise<void> | undefined
  #isCalled = false

  constructor(parts: PostmanParts) {
    this.#parts = parts
  }

  get isReady(): boolean {
    return this.#parts.transport.isReady
  }

  wake(): void {
    this.#isCalled = true
    this.#round ??= this.#rounds()
  }

  async idle(): Promise<void> {
    await this.#round
  }

  async #rounds(): Promise<void> {
    while (this.#isCalled) {
      this.#isCalled = false
      try {
        await this.#once()
      } catch (error) {
        this.#parts.logger.error({ cause: String(error) }, 'the outbox could not be read')
      }
    }
    // In the same breath as the last look: a call in between would start nothing.
    this.#round = undefined
  }

  async #once(): Promise<void> {
    const { expiring, now } = this.#parts
    for (const { id, body } of await expiring.list(letterKind, lettersPerRun)) {
      if ((body as LetterInOutbox).notBefore > now()) continue
      const letter = (await expiring.take(letterKind, id)) as LetterInOutbox | undefined
      if (letter?.to !== undefined) await this.#send(id, letter)
    }
  }

  async #send(id: string, letter: LetterInOutbox): Promise<void> {
    const { expiring, logger, now, transport } = this.#parts
    try {
      await transport.send(composeMail(this.#parts, letter))
      logger.info({ letter: id, kind: letter.kind }, 'mail sent')
    } catch (error) {
      const attempts = letter.attempts + 1
      const notBefore = now() + Math.min(firstPauseMs * 2 ** (attempts - 1), pauseMsMax)
      const body = { ...letter, attempts, notBefore }
      await expiring.put({ kind: letterKind, id, body, expiresAt: letter.endsAt })
      // The server's answer may repeat the address: its code is enough to find the reason.
      const { code = 'unknown', responseCode } = error as { code?: string; responseCode?: number }
      logger.warn({ letter: id, attempts, code, responseCode }, 'mail not sent; it is tried again')
    }
  }
}
