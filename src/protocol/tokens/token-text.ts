/**
 * How secrets look, and how the tokens of a grant are made.
 *
 *   glt_ss_<43 characters: 256 bits><6 characters: CRC-32>
 *   glt_at_<28 characters: handle><43 characters: 256 bits><6 characters: CRC-32>
 *
 * The prefix and checksum let secret scanners recognise a leaked one, and let us refuse noise
 * without asking the database. Only the SHA-256 of a token is ever stored. Codes and tokens say
 * where they belong; see token-handle.ts.
 *
 * The tokens of an issue are derived: HMAC(key of the server, presented token ‖ grant ‖ generation
 * ‖ nonce). So whoever repeats a refresh token inside the grace gets the very same successor, and
 * nothing has to be stored for it; database and server secret together still give no live token,
 * because the presented one is missing.
 */
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Resource } from '../../config/resource-settings.ts'
import type { Confirmation } from '../../domain/access.ts'
import type { TokenPair } from '../../domain/grant-events.ts'
import { type Keyring, sha256 } from '../../domain/keyring.ts'
import { handleCharacters, handleOf } from './token-handle.ts'

export type TokenKind =
  | 'access'
  | 'refresh'
  | 'code'
  | 'device'
  | 'client secret'
  | 'client management'
  | 'session'
  | 'setup'
  | 'mail link'
  | 'agent'
  | 'lease'
  | 'agent request'
  | 'back channel'

const marks: Record<TokenKind, string> = {
  access: 'at',
  refresh: 'rt',
  code: 'ac',
  device: 'dc',
  'client secret': 'cs',
  'client management': 'cm',
  session: 'ss',
  setup: 'su',
  'mail link': 'ml',
  agent: 'ag',
  lease: 'jl',
  'agent request': 'ar',
  'back channel': 'bc',
}

const kinds = Object.keys(marks) as TokenKind[]

/** Those that belong to a grant, or to an issuance. */
const kindsWithHandle = ['access', 'refresh', 'code', 'device', 'back channel'] as const
export type KindWithHandle = (typeof kindsWithHandle)[number]

const secretCharacters = 43

function charactersOf(kind: TokenKind): number {
  const hasHandle = kindsWithHandle.some((one) => one === kind)
  return hasHandle ? handleCharacters + secretCharacters : secretCharacters
}

const shapes = Object.fromEntries(
  kinds.map((kind) => [kind, new RegExp(`_${marks[kind]}_[A-Za-z0-9_-]{${charactersOf(kind)}}$`)]),
) as Record<TokenKind, RegExp>

const anyShape = new RegExp(kinds.map((kind) => shapes[kind].source).join('|'))

function dress(prefix: string, kind: TokenKind, secret: string): string {
  return withChecksum(`${prefix}_${marks[kind]}_${secret}`)
}

function withChecksum(body: string): string {
  return body + checksum(body)
}

function checksum(body: string): string {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64url')
}

/** A fresh random secret of this kind. */
export function newToken(prefix: string, kind: Exclude<TokenKind, KindWithHandle>): string {
  return dress(prefix, kind, randomBytes(32).toString('base64url'))
}

/** The same of a kind that says where it belongs: to a grant that is to be, or to an issuance. */
export function newTokenOf(prefix: string, kind: KindWithHandle, id: string): string {
  return dress(prefix, kind, handleOf(id, 0) + randomBytes(32).toString('base64url'))
}

/** What a link in a mail is made from: it is made where the mail is sent, and kept nowhere. */
export interface LinkSeed {
  readonly keyVersion: number
  readonly nonce: string
}

export function mailLinkToken(keyring: Keyring, seed: LinkSeed, prefix: string): string {
  return dress(prefix, 'mail link', keyring.mac('mail-link', [seed.nonce], seed.keyVersion))
}

/** What an agent is shown of an authorization request: made again for the browser that asks for it. */
export function agentRequestToken(
  keyring: Keyring,
  { requestId, browser }: { readonly requestId: string; readonly browser: string },
  prefix: string,
): string {
  return dress(prefix, 'agent request', keyring.mac('agent-request', [requestId, browser]))
}

/** True for what could be a token of this kind, judged by its shape and checksum alone. */
export function hasTokenShape(token: string, kind: TokenKind): boolean {
  const body = token.slice(0, -6)
  return shapes[kind].test(body) && checksum(body) === token.slice(-6)
}

/** What the text of an API token is derived from. */
export interface ApiTokenDerivation {
  readonly apiTokenId: string
  readonly generation: number
  readonly keyVersion: number
  /** 256 random bits: without them, the server's secret gives nothing. */
  readonly nonce: string
}

/** `<prefix>_<43 characters><6 characters>`: the prefix, which an operator chooses, is its mark. */
export function deriveApiToken(keyring: Keyring, from: ApiTokenDerivation, prefix: string): string {
  const parts = [from.apiTokenId, String(from.generation), from.nonce]
  return withChecksum(`${prefix}_${keyring.mac('api token', parts, from.keyVersion)}`)
}

/** Under whichever prefix it was made; that of another kind of token is none. */
export function hasApiTokenShape(token: string): boolean {
  const [, prefix] = /^([a-z][a-z0-9_]{0,32})_[A-Za-z0-9_-]{43}[A-Za-z0-9_-]{6}$/.exec(token) ?? []
  const body = token.slice(0, -6)
  if (prefix === undefined || anyShape.test(body)) return false
  return checksum(body) === token.slice(-6)
}

export function newNonce(): string {
  return randomBytes(16).toString('base64url')
}

/** What the tokens of one issue are derived from. */
export interface Derivation {
  /** The code or refresh token that was presented for them. */
  readonly presented: string
  readonly grantId: string
  readonly generation: number
  readonly keyVersion: number
  readonly nonce: string
}

export interface DerivedTokens {
  readonly refreshToken: string
  /** The opaque one; of a JWT what its `jti` is made from. */
  readonly accessToken: string
}

export function deriveTokens(keyring: Keyring, from: Derivation, prefix: string): DerivedTokens {
  const secret = (use: string) =>
    keyring.mac(
      'refresh',
      [use, from.presented, from.grantId, String(from.generation), from.nonce],
      from.keyVersion,
    )
  const handle = handleOf(from.grantId, from.generation)
  return {
    refreshToken: dress(prefix, 'refresh', handle + secret('refresh')),
    accessToken: dress(prefix, 'access', handle + secret('access')),
  }
}

export interface PairTerms {
  readonly resource: Resource
  readonly scopes: string[]
  readonly details?: number[] | undefined
  readonly confirmation?: Confirmation | undefined
  /** When the grant ends however often it is refreshed. */
  readonly endsAt?: number | undefined
  readonly now: number
}

/** The facts about derived tokens that the log keeps. */
export function tokenPair(
  derivation: Derivation,
  tokens: DerivedTokens,
  { resource, scopes, details, confirmation, endsAt = Number.POSITIVE_INFINITY, now }: PairTerms,
): TokenPair {
  const { generation, keyVersion, nonce } = derivation
  return {
    generation,
    resource: resource.resource,
    scopes,
    ...(details === undefined ? {} : { details }),
    accessTokenHash: sha256(tokens.accessToken),
    accessExpiresAt: Math.min(now + resource.accessTokenTtlSeconds * 1000, endsAt),
    refreshTokenHash: sha256(tokens.refreshToken),
    refreshExpiresAt: Math.min(now + resource.refreshTokenTtlSeconds * 1000, endsAt),
    keyVersion,
    nonce,
    ...(confirmation === undefined ? {} : { confirmation }),
  }
}
