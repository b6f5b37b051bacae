/**
 * One key for each person (before a person is known: each request) under which the sealed fields
 * of their events are encrypted. Deleting the key erases them, wherever the events are copied.
 *
 * A key is made by the append that first needs it, and every later append asserts that the key it
 * sealed under still stands. An erased subject never gets another key: what is sealed for it
 * afterwards is sealed under a key that nobody keeps, and so is erased from the start.
 */
import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Statement } from '../projections/statement.ts'
import { assertThat } from './assertions.ts'
import { encryptionKeyBytes } from './authenticated-encryption.ts'
import type { Vault } from './vault.ts'

const cachedKeysMax = 10_000
/** How long another process may still read what was erased here. */
const cachedKeyMs = 30_000

export interface SealingKey {
  readonly key: Uint8Array
  /** Nobody keeps it: the subject was erased. */
  readonly isLost: boolean
  /** Creates the key, or asserts that all is as it was; goes into the append's transaction. */
  readonly statement: Statement
}

/** The id in the vault of a subject's key. */
export function subjectKeyId(subject: string): string {
  return `person:${subject}`
}

export class SubjectKeys {
  readonly #vault: Vault
  /** By size, or the room for all of them would be taken at once. */
  readonly #cache = new LRUCache<string, Uint8Array>({
    maxSize: cachedKeysMax,
    sizeCalculation: () => 1,
    ttl: cachedKeyMs,
  })

  constructor(vault: Vault) {
    this.#vault = vault
  }

  async forSealing(subjects: ReadonlySet<string>): Promise<Map<string, SealingKey>> {
    const known = await this.#find(subjects)
    const keys = new Map<string, SealingKey>()
    for (const subject of subjects) {
      const id = subjectKeyId(subject)
      const found = known.get(subject)
      const key = found ?? randomBytes(encryptionKeyBytes)
      const isLost = found === null
      const statement =
        found === undefined ? this.#vault.inserting(id, key) : stillThere(id, isLost)
      keys.set(subject, { key, isLost, statement })
    }
    return keys
  }

  /** The keys that have not been erased. */
  async forReading(subjects: ReadonlySet<string>): Promise<Map<string, Uint8Array>> {
    const found = await this.#find(subjects)
    return new Map([...found].flatMap(([subject, key]) => (key ? [[subject, key]] : [])))
  }

  /** Null for a key that was erased; nothing for one that was never made. */
  async #find(subjects: ReadonlySet<string>): Promise<Map<string, Uint8Array | null>> {
    const keys = new Map<string, Uint8Array | null>()
    const missing: string[] = []
    for (const subject of subjects) {
      const cached = this.#cache.get(subject)
      if (cached) keys.set(subject, cached)
      else missing.push(subject)
    }
    if (missing.length === 0) return keys
    const found = await this.#vault.readAll(missing.map(subjectKeyId))
    for (const subject of missing) {
      const key = found.get(subjectKeyId(subject))
      if (key === undefined) continue
      if (key) this.#cache.set(subject, key)
      keys.set(subject, key)
    }
    return keys
  }

  /** After a commit: the key is on disk. */
  remember(subject: string, key: Uint8Array): void {
    this.#cache.set(subject, key)
  }

  /** The key has changed hands or was erased: the next one who needs it asks the database. */
  evict(subject: string): void {
    this.#cache.delete(subject)
  }
}

function stillThere(id: string, isForgotten: boolean): Statement {
  const isSo = isForgotten ? '=' : '>'
  return assertThat(`EXISTS (SELECT 1 FROM secrets WHERE id = ? AND length(wrapped) ${isSo} 0)`, [
    id,
  ])
}
