/**
 * The part of a token that says where it belongs: the UUID of its grant or issuance, and which of
 * the grant's issues it is from. It is no secret, and opens nothing.
 *
 *   28 characters of base64url = UUID (16 bytes) ‖ generation (5 bytes)
 *
 * What one grant gave is kept together by it, so that a refresh changes one place on the disk and
 * not one for each hash.
 *
 * @see [RFC 6749 §1.4 - Access Token](https://www.rfc-editor.org/rfc/rfc6749.html#section-1.4)
 */
import { sha256 } from '../../domain/keyring.ts'
import type { TokenRef } from '../../domain/token-ref.ts'

const uuidBytes = 16
const generationBytes = 5
export const handleCharacters = 28
const secretCharacters = 43
const checksumCharacters = 6

/** @param id of a grant or an issuance, `<prefix>_<32 hexadecimal digits>` */
export function handleOf(id: string, generation: number): string {
  const uuid = id.slice(id.indexOf('_') + 1)
  if (!/^[0-9a-f]{32}$/.test(uuid)) throw new Error(`Cannot make a token: "${id}" has no UUID`)
  const bytes = Buffer.allocUnsafe(uuidBytes + generationBytes)
  bytes.write(uuid, 'hex')
  bytes.writeUIntBE(generation, uuidBytes, generationBytes)
  return bytes.toString('base64url')
}

/** @param token of a kind that has a handle, and of its shape */
export function refOfToken(token: string): TokenRef {
  const end = token.length - checksumCharacters - secretCharacters
  return refOf(token.slice(end - handleCharacters, end), sha256(token))
}

/** A JWT carries it as its `jti`. */
export function jwtIdOf({ source, generation, hash }: TokenRef): string {
  return handleOf(`_${source}`, generation) + hash
}

/** Of a `jti`, or undefined where it is none of ours. */
export function refOfJwtId(id: string): TokenRef | undefined {
  if (!/^[A-Za-z0-9_-]{71}$/.test(id)) return undefined
  return refOf(id.slice(0, handleCharacters), id.slice(handleCharacters))
}

function refOf(handle: string, hash: string): TokenRef {
  const bytes = Buffer.from(handle, 'base64url')
  return {
    source: bytes.toString('hex', 0, uuidBytes),
    generation: bytes.readUIntBE(uuidBytes, generationBytes),
    hash,
  }
}
