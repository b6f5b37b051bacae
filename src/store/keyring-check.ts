/**
 * A value of each version of the master secret is kept, so that a server which was started with
 * another secret stops here, and not at the first token that it cannot verify.
 */
import { equalSecrets, type Keyring } from '../domain/keyring.ts'
import type { Database } from './database.ts'

/** The server's secret is not the one that this database was written under. */
export class WrongSecret extends Error {
  override name = 'WrongSecret'
}

/** @throws {WrongSecret} */
export async function checkKeyring(database: Database, keyring: Keyring): Promise<void> {
  const stored = await storedChecks(database)
  const missing = keyring.versions.filter((version) => !stored.has(version))
  if (missing.length > 0) {
    // Whoever loses a race for a row meets the winner's value below.
    await database.transact({
      preconditions: [],
      units: missing.map((version) => [
        {
          sql: 'INSERT INTO keyring_checks (version, check_value) VALUES (?, ?)',
          args: [version, checkValue(keyring, version)],
        },
      ]),
    })
  }
  for (const [version, value] of await storedChecks(database)) {
    if (!keyring.versions.includes(version)) await refuseIfNeeded(database, version)
    else if (!equalSecrets(value, checkValue(keyring, version))) {
      throw new WrongSecret(
        `Cannot open the database: version ${version} of the secret (GRANTLOG_SECRET) is not the ` +
          'one that it was written under',
      )
    }
  }
}

async function refuseIfNeeded(database: Database, version: number): Promise<void> {
  const sql = 'SELECT 1 AS needed FROM secrets WHERE kek_version = ? LIMIT 1'
  const rows = await database.query({ sql, args: [version] })
  if (rows.length === 0) return
  throw new WrongSecret(
    `Cannot open the database: version ${version} of the secret (GRANTLOG_SECRET) is missing, and ` +
      'secrets are still wrapped under it',
  )
}

async function storedChecks(database: Database): Promise<Map<number, string>> {
  const sql = 'SELECT version, check_value FROM keyring_checks'
  const rows = await database.query({ sql, args: [] })
  return new Map(rows.map((row) => [row.version as number, row.check_value as string]))
}

function checkValue(keyring: Keyring, version: number): string {
  return keyring.mac('check', ['grantlog database'], version)
}
