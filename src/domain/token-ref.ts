/**
 * Where a token belongs, which its text says, and the hash of all of it, which proves that it is
 * the one: what a grant gave stands beside its other tokens, and is found without a search.
 */
import { withPrefix } from './ids.ts'

export interface TokenRef {
  /** The UUID in the id of what it came from, in hexadecimal: a grant's or an issuance's. */
  readonly source: string
  /** Which of a grant's issues gave it, from 1; 0 for a code, and for what comes from no grant. */
  readonly generation: number
  /** SHA-256 of the token, in base64url. */
  readonly hash: string
}

export function grantIdOf({ source }: Pick<TokenRef, 'source'>): string {
  return withPrefix('grt', `_${source}`)
}

export function issuanceIdOf({ source }: Pick<TokenRef, 'source'>): string {
  return withPrefix('iss', `_${source}`)
}
