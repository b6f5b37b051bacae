/**
 * The adapter interface of node-oidc-provider on SQLite: one table, statements prepared once, each
 * write a commit of its own, because the interface is asked for one thing at a time.
 */
import { DatabaseSync } from 'node:sqlite'

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE models (
    name TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, uid TEXT, user_code TEXT,
    grant_id TEXT, consumed_at INTEGER, expires_at INTEGER,
    PRIMARY KEY (name, id)
  ) WITHOUT ROWID;
  CREATE INDEX models_by_uid ON models (uid) WHERE uid IS NOT NULL;
  CREATE INDEX models_by_user_code ON models (user_code) WHERE user_code IS NOT NULL;
  CREATE INDEX models_by_grant ON models (grant_id) WHERE grant_id IS NOT NULL;
`
const columns = 'payload, consumed_at, expires_at'

export function sqliteAdapter(path) {
  const database = new DatabaseSync(path)
  database.exec(schema)
  const statements = {
    upsert: database.prepare(`INSERT INTO models
      (name, id, payload, uid, user_code, grant_id, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET payload = excluded.payload, uid = excluded.uid,
        user_code = excluded.user_code, grant_id = excluded.grant_id,
        expires_at = excluded.expires_at`),
    find: database.prepare(`SELECT ${columns} FROM models WHERE name = ? AND id = ?`),
    findByUid: database.prepare(`SELECT ${columns} FROM models WHERE name = ? AND uid = ?`),
    findByUserCode: database.prepare(
      `SELECT ${columns} FROM models WHERE name = ? AND user_code = ?`,
    ),
    consume: database.prepare('UPDATE models SET consumed_at = ? WHERE name = ? AND id = ?'),
    destroy: database.prepare('DELETE FROM models WHERE name = ? AND id = ?'),
    revoke: database.prepare('DELETE FROM models WHERE grant_id = ?'),
  }
  return (name) => new SqliteModel(name, statements)
}

class SqliteModel {
  #name
  #statements

  constructor(name, statements) {
    this.#name = name
    this.#statements = statements
  }

  async upsert(id, payload, expiresIn) {
    const expiresAt = expiresIn ? now() + expiresIn : null
    const { uid = null, userCode = null, grantId = null } = payload
    const json = JSON.stringify(payload)
    this.#statements.upsert.run(this.#name, id, json, uid, userCode, grantId, expiresAt)
  }

  async find(id) {
    return read(this.#statements.find.get(this.#name, id))
  }

  async findByUid(uid) {
    return read(this.#statements.findByUid.get(this.#name, uid))
  }

  async findByUserCode(userCode) {
    return read(this.#statements.findByUserCode.get(this.#name, userCode))
  }

  async consume(id) {
    this.#statements.consume.run(now(), this.#name, id)
  }

  async destroy(id) {
    this.#statements.destroy.run(this.#name, id)
  }

  async revokeByGrantId(grantId) {
    this.#statements.revoke.run(grantId)
  }
}

function read(row) {
  if (!row || (row.expires_at !== null && row.expires_at <= now())) return undefined
  const payload = JSON.parse(row.payload)
  return row.consumed_at === null ? payload : { ...payload, consumed: row.consumed_at }
}

function now() {
  return Math.floor(Date.now() / 1000)
}
