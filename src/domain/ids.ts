/**
 * Ids: a short prefix that says of what, and a UUIDv7, so that they sort by time. They are made
 * by the server, never used again, and stay within `[A-Za-z0-9_-]`, which both ways of writing
 * HTTP Basic credentials leave alone.
 */
import { uuidv7obj } from 'uuidv7'

export function newId(prefix: string): string {
  return `${prefix}_${uuidv7obj().toHex()}`
}

/** The id that says the same of something else: `cmd_<UUID>` becomes `evt_<the same UUID>`. */
export function withPrefix(prefix: string, id: string): string {
  return prefix + id.slice(id.indexOf('_'))
}
