/**
 * Grants with their first tokens, and whom they are of, as the deciders would have them: real
 * hashes, and personal fields sealed under each person's own key.
 */
import type { Resource } from '../../../src/config/resource-settings.ts'
import { execute, type Verdict, type Work } from '../../../src/domain/execute.ts'
import { grantDecider } from '../../../src/domain/grant.ts'
import { newId } from '../../../src/domain/ids.ts'
import { sha256 } from '../../../src/domain/keyring.ts'
import { userDecider } from '../../../src/domain/user.ts'
import { emailKey } from '../../../src/protocol/email-address.ts'
import type { Services } from '../../../src/protocol/services.ts'
import { tokenPair } from '../../../src/protocol/tokens/token-text.ts'
import { redirectUri } from '../works/party.ts'
import {
  codeOf,
  derivationOf,
  grantIdOf,
  grantsPerPerson,
  tokensOf,
  userIdOf,
} from './loaded-grants.ts'

type Needed = Pick<Services, 'log' | 'settings' | 'keyring' | 'now'>

export interface GrantRange {
  /** A multiple of a person's grants, so that nobody is registered twice. */
  readonly from: number
  readonly end: number
  readonly clientIds: readonly string[]
}

/** One append for all of them. */
export async function decideGrants(
  services: Needed,
  { from, end, clientIds }: GrantRange,
): Promise<void> {
  const numbers = Array.from({ length: end - from }, (_, at) => from + at)
  const people = numbers.filter((number) => number % grantsPerPerson === 0)
  const cause = { actor: 'system:benchmark', correlationId: newId('cor') }
  const outcome = await execute<string>(services.log, cause, async (work) => {
    await work.prefetch([
      ...people.map((number) => [userDecider, userIdOf(number)] as const),
      ...numbers.map((number) => [grantDecider, grantIdOf(number)] as const),
    ])
    for (const number of people) requireAccepted(await register(services, work, number))
    for (const number of numbers) {
      const clientId = clientIds[number % clientIds.length] ?? ''
      await grant(services, work, { number, clientId })
    }
    return { outcome: 'accepted' }
  })
  requireAccepted(outcome)
}

function register(services: Needed, work: Work, number: number): Promise<Verdict<string>> {
  const userId = userIdOf(number)
  const email = `${userId}@example.com`
  const registration = {
    ...{ userId, email, name: `Person ${number}`, admin: false, emailVerified: true },
    ...{ emailKey: emailKey(services.keyring, email), now: services.now() },
  }
  return work.decide(userDecider, userId, { kind: 'register', registration })
}

/** Approved, and its code redeemed: what a grant is after its first minute. */
async function grant(
  { settings, keyring, now: clock }: Needed,
  work: Work,
  { number, clientId }: { number: number; clientId: string },
): Promise<void> {
  const [resource] = settings.resources as [Resource]
  const [grantId, userId, now] = [grantIdOf(number), userIdOf(number), clock()]
  const scopes = ['read']
  const [codeHash, codeChallenge] = [sha256(codeOf(number)), sha256(`verifier of ${grantId}`)]
  const via = 'authorization_code' as const
  const access = [{ resource: resource.resource, scopes }]
  const terms = {
    ...{ grantId, userId, clientId, via, access, redirectUri, codeHash, codeChallenge },
    ...{ codeExpiresAt: now + settings.codeTtlSeconds * 1000, sessionId: `ses_${grantId}` },
    ...{ authTime: now, amr: ['pwd'], endsAt: now + settings.grantMaxAgeSeconds * 1000, at: now },
  }
  requireAccepted(await work.decide(grantDecider, grantId, { kind: 'approve', terms }))
  const pair = { resource, scopes, endsAt: terms.endsAt, now }
  const tokens = tokenPair(derivationOf(keyring, number), tokensOf(keyring, number), pair)
  const redemption = { clientId, via, codeHash, redirectUri, codeChallenge, tokens, now } as const
  const command = { kind: 'redeem code', bindsRefreshToken: false, ...redemption } as const
  requireAccepted(await work.decide(grantDecider, grantId, command))
}

function requireAccepted(verdict: { outcome: string; reason?: string }): void {
  if (verdict.outcome === 'accepted') return
  throw new Error(`Cannot load grants: ${verdict.reason}`)
}
