/** One grant in small pieces: its terms, the tokens of each generation, the usual requests. */
import type { CodeRedemption, Rotation } from '../../src/domain/grant.ts'
import {
  CodeRedeemed,
  GrantApproved,
  GrantEnded,
  type GrantEndReason,
  type GrantTerms,
  RefreshTokenRotated,
  type TokenPair,
} from '../../src/domain/grant-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'

export const grantId = 'grt_1'
export const codeHash = sha256('code')

export const terms: GrantTerms = {
  grantId,
  userId: 'usr_1',
  clientId: 'cli_1',
  resource: 'https://api.example.com/mcp',
  scopes: ['mcp:read', 'mcp:write'],
  redirectUri: 'http://localhost:8787/callback',
  codeHash,
  codeChallenge: sha256('verifier'),
  codeExpiresAt: 601_000,
  sessionId: 'ses_1',
  authTime: 900,
  at: 1000,
}

/** The tokens of a generation; the refresh token of the first is called `refresh 1`. */
export function pair(generation: number): TokenPair {
  return {
    generation,
    scopes: terms.scopes,
    accessTokenHash: sha256(`access ${generation}`),
    accessExpiresAt: 3_602_000,
    refreshTokenHash: sha256(`refresh ${generation}`),
    refreshExpiresAt: 2_592_002_000,
    keyVersion: 1,
    nonce: `nonce ${generation}`,
  }
}

export const approved = GrantApproved(terms)
export const redeemed = CodeRedeemed({ grantId, presentedHash: codeHash, ...pair(1), at: 2000 })

/** The refresh token of the generation before was rotated into this one. */
export function rotated(generation: number, at: number, tokens = pair(generation)) {
  const presentedHash = sha256(`refresh ${generation - 1}`)
  return RefreshTokenRotated({ grantId, presentedHash, ...tokens, at })
}

export function ended(reason: GrantEndReason, at: number) {
  return GrantEnded({ grantId, reason, at })
}

export function redeem(generation: number, changes: Partial<CodeRedemption> = {}) {
  return {
    kind: 'redeem code' as const,
    clientId: terms.clientId,
    codeHash,
    redirectUri: terms.redirectUri,
    codeChallenge: terms.codeChallenge,
    tokens: pair(generation),
    now: 2000,
    ...changes,
  }
}

/** Presents a token, `refresh 1` say, for the tokens of a generation. */
export function rotate(generation: number, presented: string, changes: Partial<Rotation> = {}) {
  return {
    kind: 'rotate' as const,
    clientId: terms.clientId,
    presentedHash: sha256(presented),
    tokens: pair(generation),
    graceSeconds: 10,
    now: 10_000,
    ...changes,
  }
}
