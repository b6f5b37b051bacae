/**
 * The sealed fields of a payload. In the log such a field is `{"sealed": "<base64url>"}`:
 * AES-256-GCM of its JSON under the subject's key, tied to the event, the field and the subject.
 * It is sealed before the event is hashed, so erasing the key leaves every hash as it was.
 */
import type { EventType } from '../domain/event.ts'
import { decrypt, encrypt } from './authenticated-encryption.ts'

export type JsonObject = Record<string, unknown>

/** Whose payload it is, and under which key. */
export interface Seal {
  readonly eventId: string
  readonly subject: string
  readonly key: Uint8Array
}

/** The subject of a payload whose type seals something, else undefined. */
export function subjectOf(type: EventType, payload: JsonObject): string | undefined {
  const seals = Object.values(type.fields).includes('sealed')
  return seals && type.subject ? String(payload[type.subject]) : undefined
}

/** The payload with each sealed field encrypted; without a seal nothing is to be sealed. */
export function sealFields(type: EventType, payload: JsonObject, seal?: Seal): JsonObject {
  if (!seal) return payload
  return mapFields(payload, (field, value) => {
    if (type.fields[field] !== 'sealed') return value
    const plaintext = Buffer.from(JSON.stringify(value))
    const sealed = encrypt(plaintext, { key: seal.key, associatedData: placeOf(field, seal) })
    return { sealed: sealed.toString('base64url') }
  })
}

/** The payload as it reads where the key is gone. */
export function eraseFields(type: EventType, payload: JsonObject): JsonObject {
  return mapFields(payload, (field, value) => (type.fields[field] === 'sealed' ? null : value))
}

/** The payload with each sealed field in clear, or null where the key is gone. */
export function unsealFields(
  payload: JsonObject,
  seal: Omit<Seal, 'key'> & { key: Uint8Array | undefined },
): JsonObject {
  return mapFields(payload, (field, value) => {
    const sealed = sealedBytes(value)
    if (!sealed) return value
    if (!seal.key) return null
    const associatedData = placeOf(field, seal)
    return JSON.parse(decrypt(sealed, { key: seal.key, associatedData }).toString())
  })
}

function sealedBytes(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { sealed, ...others } = value as { sealed?: unknown }
  if (typeof sealed !== 'string' || Object.keys(others).length > 0) return undefined
  return Buffer.from(sealed, 'base64url')
}

function mapFields(payload: JsonObject, map: (field: string, value: unknown) => unknown) {
  return Object.fromEntries(
    Object.entries(payload).map(([field, value]) => [field, map(field, value)]),
  )
}

function placeOf(field: string, { eventId, subject }: Omit<Seal, 'key'>): string[] {
  return [eventId, field, subject]
}
