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
import { hash } from 'node:crypto'

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
const integerBytes = 8

/** An event does not fit into its canonical form. */
export class EventTooLarge extends Error {
  override name = 'EventTooLarge'
}

/**
 * How many bytes its canonical form has.
 * @throws {EventTooLarge} above 65,535 bytes
 */
export function canonicalSize(row: EventRow): number {
  const bytes = columnsOf(row).reduce<number>((sum, column) => sum + 2 + sizeOf(column), 1)
  if (bytes <= eventBytesMax) return bytes
  throw new EventTooLarge(
    `Cannot record "${row.type}": it has ${bytes} bytes, and ${eventBytesMax} are allowed`,
  )
}

/** @throws {EventTooLarge} above 65,535 bytes */
export function canonicalForm(row: EventRow): Buffer {
  return written(row, 0)
}

/** SHA-256(0x00 ‖ canonical form). */
export function leafHash(row: EventRow): Buffer {
  const leaf = written(row, 1)
  leaf.writeUInt8(leafPrefix, 0)
  return hash('sha256', leaf, 'buffer')
}

type Column = string | number | Uint8Array | null

function columnsOf(row: EventRow): readonly Column[] {
  return [
    ...[row.eventId, row.streamId, row.version, row.type, row.schemaVersion, row.recordedAt],
    ...[row.actor, row.correlationId, row.causationId, row.payload],
  ]
}

function sizeOf(column: Column): number {
  if (column === null) return 0
  if (typeof column === 'number') return integerBytes
  return typeof column === 'string' ? Buffer.byteLength(column) : column.length
}

/** The canonical form, after so many bytes that are left free. */
function written(row: EventRow, start: number): Buffer {
  const form = Buffer.alloc(start + canonicalSize(row))
  let offset = form.writeUInt8(formatVersion, start)
  for (const column of columnsOf(row)) {
    offset = form.writeUInt16BE(column === null ? nullLength : sizeOf(column), offset)
    if (typeof column === 'number') offset = form.writeBigInt64BE(BigInt(column), offset)
    else if (typeof column === 'string') offset += form.write(column, offset)
    else if (column) {
      form.set(column, offset)
      offset += column.length
    }
  }
  return form
}
