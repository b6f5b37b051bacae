/** What the protocol works with. Made once, by the composition root. */
import type { Settings } from '../config/settings.ts'
import type { EventLog } from '../domain/event-log.ts'
import type { Expiring, Observations, SecretVault, Uses } from '../domain/expiring.ts'
import type { Keyring } from '../domain/keyring.ts'
import type { Logger } from '../domain/logger.ts'
import type { Reader } from '../projections/statement.ts'
import type { GuardedFetch } from './outbound/guarded-fetch.ts'
import type { Signer } from './tokens/signing-keys.ts'

export type PasswordHash = 'argon2id' | 'bcrypt'

export interface PasswordHasher {
  /** PHC string; argon2id unless told. */
  hash(password: string, by?: PasswordHash): Promise<string>
  verify(password: string, hash: string): Promise<boolean>
}

/** Takes what is in the outbox to where it belongs; nobody waits for it. */
export interface MailCarrier {
  /** Whether mail gets anywhere; no page offers any where it does not. */
  readonly isReady: boolean
  wake(): void
  /** Resolves when all that was to be sent by now has been tried. */
  idle(): Promise<void>
}

export interface Services {
  readonly settings: Settings
  readonly keyring: Keyring
  readonly log: EventLog
  readonly reader: Reader
  readonly expiring: Expiring
  readonly secrets: SecretVault
  readonly observations: Observations
  readonly uses: Uses
  readonly passwords: PasswordHasher
  readonly signer: Signer
  /** What a URL that somebody named is asked by; nothing else goes out. */
  readonly outbound: GuardedFetch
  readonly mail: MailCarrier
  readonly logger: Logger
  /** Where a setting in force was said; undefined for a default. */
  readonly originOf?: (path: readonly string[]) => string | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}
