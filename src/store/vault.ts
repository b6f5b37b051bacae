/**
 * Secrets that must be kept: signing keys, password hashes, and each person's key. They are
 * wrapped under a key of the keyring, which is outside the database, with their id as associated
 * data; `kek_version` says under which version of the master secret.
 */
import type { SecretVault } from '../domain/expiring.ts'
import type { Keyring } from '../domain/keyring.ts'
import type { Statement } from '../projections/statement.ts'
import { decrypt, encrypt } from './authenticated-encryption.ts'
import type { Database } from './database.ts'

export class Vault implements SecretVault {
  readonly #database: Database
  readonly #keyring: Keyring

  constructor(parts: { database: Database; keyring: Keyring }) {
    this.#database = parts.database
    this.#keyring = parts.keyring
  }

  async read(id: string): Promise<Uint8Array | undefined> {
    return (await this.readAll([id])).get(id) ?? undefined
  }

  /** Those of the secrets that exist, and null for those that were forgotten. */
  async readAll(ids: readonly string[]): Promise<Map<string, Uint8Array | null>> {
    const rows = await this.#database.query({
      sql: 'SELECT id, wrapped, kek_version FROM secrets WHERE id IN (SELECT value FROM json_each(?))',
      args: [JSON.stringify(ids)],
    })
    return new Map(
      rows.map((row) => {
        const id = row.id as string
        const wrapped = row.wrapped as Uint8Array
        if (wrapped.byteLength === 0) return [id, null]
        const key = this.#keyring.key('wrap', row.kek_version as number)
        return [id, decrypt(wrapped, { key, associatedData: [id] })]
      }),
    )
  }

  /** Keeps a new secret; the statement is refused when the id is there already. */
  inserting(id: string, value: Uint8Array): Statement {
    const key = this.#keyring.key('wrap')
    return {
      sql: 'INSERT INTO secrets (id, wrapped, kek_version) VALUES (?, ?, ?)',
      args: [id, encrypt(value, { key, associatedData: [id] }), this.#keyring.current],
    }
  }

  /** Destroys a secret. Its id stays, so that none takes its place. */
  forgetting(id: string): Statement {
    const sql = `INSERT INTO secrets (id, wrapped, kek_version) VALUES (?, x'', 0)
      ON CONFLICT (id) DO UPDATE SET wrapped = x'', kek_version = 0`
    return { sql, args: [id] }
  }
}
