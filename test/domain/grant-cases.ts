/** One grant in small pieces: its terms, the tokens of each generation, the usual requests. */
import type { Access, Confirmation } from '../../src/domain/access.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import type {
  CodeRedemption,
  GrantCommand,
  GrantRefusal,
  Rotation,
} from '../../src/domain/grant-commands.ts'
import {
  CodeRedeemed,
  GrantApproved,
  GrantEnded,
  type GrantEndReason,
  type GrantEvent,
  type GrantTerms,
  GrantUseRefused,
  RefreshTokenRotated,
  type TokenPair,
} from '../../src/domain/grant-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { given } from '../support/given.ts'

export const grantId = 'grt_1'
export const codeHash = sha256('code')
export const redirectUri = 'http://localhost:8787/callback'
const codeChallenge = sha256('verifier')

export const terms: GrantTerms = {
  grantId,
  userId: 'usr_1',
  clientId: 'cli_1',
  via: 'authorization_code',
  access: [
    { resource: 'https://api.example.com/mcp', scopes: ['mcp:read', 'mcp:write'] },
    { resource: 'https://files.example.com', scopes: ['files:read'] },
  ],
  redirectUri,
  codeHash,
  codeChallenge,
  codeExpiresAt: 601_000,
  sessionId: 'ses_1',
  authTime: 900,
  amr: ['pwd'],
  at: 1000,
}

/** What the terms allow at their first resource. */
export const granted = terms.access[0] as Access

/** The tokens of a generation; the refresh token of the first is called `refresh 1`. */
export function pair(generation: number): TokenPair {
  return {
    generation,
    resource: granted.resource,
    scopes: granted.scopes,
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

/** The same for a client that has proved to hold a key. */
export function redeemedWith(key: { confirmation: Confirmation; refreshKey?: string }) {
  return CodeRedeemed({ grantId, presentedHash: codeHash, ...pair(1), ...key, at: 2000 })
}

/** The refresh token of the generation before was rotated into this one. */
export function rotated(
  generation: number,
  at: number,
  tokens: TokenPair & { refreshKey?: string } = pair(generation),
) {
  const presentedHash = sha256(`refresh ${generation - 1}`)
  return RefreshTokenRotated({ grantId, presentedHash, ...tokens, at })
}

export function ended(reason: GrantEndReason, at: number) {
  return GrantEnded({ grantId, reason, at })
}

export function redeem(
  generation: number,
  changes: Partial<CodeRedemption> = {},
): CodeRedemption & { kind: 'redeem code' } {
  return {
    kind: 'redeem code',
    via: 'authorization_code',
    clientId: terms.clientId,
    codeHash,
    redirectUri,
    codeChallenge,
    tokens: pair(generation),
    bindsRefreshToken: true,
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

/** As `given`, and can say that a refusal left the fact that it happened. */
export function givenGrant(...events: GrantEvent[]) {
  const history = given(grantDecider, ...events)
  return {
    when(command: GrantCommand) {
      const decided = history.when(command)
      return {
        ...decided,
        refusesUse(reason: GrantRefusal): void {
          if ('clientId' in command) {
            const { clientId, now: at } = command
            decided.refuses(reason, GrantUseRefused({ grantId, clientId, reason, at }))
          } else {
            decided.refuses(reason)
          }
        },
      }
    },
  }
}
