/**
 * The canonical form of an event, version 1, and its hash as a leaf of the Merkle tree. Whoever
 * verifies the log years from now computes this from an export alone, so it never changes; a
 * change would be version 2, with another format byte.
 *
 *   form = 0x01 ‖ event_id ‖ stream_id ‖ version ‖ type ‖ schema_version ‖ recorded_at
 *               ‖ actor ‖ correlation_id ‖ causation_id ‖ payload
 *   column = length (2 bytes, big-endian) ‖ bytes;   null = FF FF and nothing else
 *   text as UTF-8, integers as 8 bytes big-endian, the payload as stored
 *   leaf = SHA-256(0x00 ‖ form)
 *
 * The position is not in it: the leaf's place in the tree says it.
 * @see [RFC 6962 §2.1 - Merkle Hash Trees](https://www.rfc-editor.org/rfc/rfc6962.html#section-2.1)
 */
import { createHash } from 'node:crypto'

/** An event's row but for position and leaf_hash, in the order of the table's columns. */
export interface EventRow {
  readonly eventId: string
  readonly streamId: string
  readonly version: number
  readonly type: string
  readonly schemaVersion: number
  readonly recordedAt: number
  readonly actor: string
  readonly correlationId: string
  readonly causationId: string | null
  readonly payload: Uint8Array
}

export const eventBytesMax = 65_535
const formatVersion = 0x01
const leafPrefix = 0x00
const nullLength = 0xffff

/** An event does not fit into its canonical form. */
export class EventTooLarge extends Error {
  override name = 'EventTooLarge'
}

/** @throws {EventTooLarge} above 65,535 bytes */
export function canonicalForm(row: EventRow): Buffer {
  const columns = [
    text(row.eventId),
    text(row.streamId),
    integer(row.version),
    text(row.type),
    integer(row.schemaVersion),
    integer(row.recordedAt),
    text(row.actor),
    text(row.correlationId),
    row.causationId === null ? null : text(row.causationId),
    row.payload,
  ]
  const bytes = columns.reduce((sum, column) => sum + 2 + (column?.length ?? 0), 1)
  if (bytes > eventBytesMax) {
    throw new EventTooLarge(
      `Cannot record "${row.type}": it has ${bytes} bytes, and ${eventBytesMax} are allowed`,
    )
  }
  const form = Buffer.alloc(bytes)
  let offset = form.writeUInt8(formatVersion, 0)
  for (const column of columns) {
    offset = form.writeUInt16BE(column?.length ?? nullLength, offset)
    if (column) {
      form.set(column, offset)
      offset += column.length
    }
  }
  return form
}

/** SHA-256(0x00 ‖ canonical form). */
export function leafHash(row: EventRow): Buffer {
  return createHash('sha256').update(Uint8Array.of(leafPrefix)).update(canonicalForm(row)).digest()
}

function text(value: string): Buffer {
  return Buffer.from(value, 'utf8')
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
