/**
 * Which account here belongs to a person whom another service knows. Only a link says so, and a
 * link is made with proof of both: never because an address is the same, which the other service
 * may have let anybody choose.
 */
import type { Upstream } from '../config/upstream-settings.ts'
import { authenticatorsDecider } from '../domain/authenticators.ts'
import { type Cause, KeyTaken } from '../domain/event-log.ts'
import { execute } from '../domain/execute.ts'
import { type UserRefusal, userDecider } from '../domain/user.ts'
import { findIdentity, type Identity } from '../projections/identities.ts'
import { findUser, type User } from '../projections/users.ts'
import { findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'
import { type ChangedBy, tellOfChange } from './account-letters.ts'
import { registerUser } from './register-user.ts'
import { identityKey, type UpstreamPerson } from './upstream.ts'
import { waysOffered } from './ways-in.ts'

export type IdentityProblem =
  | 'identity_unknown'
  | 'identity_email_taken'
  | 'identity_of_another'
  | 'identities_too_many'
  | 'account_disabled'
  | 'last_way_in'

type Refused = { readonly outcome: 'refused'; readonly reason: IdentityProblem }

export type AccountResult = { readonly outcome: 'accepted'; readonly user: User } | Refused

/** The account that the person signs in to; a new one where the settings allow that. */
export async function accountOf(
  services: Services,
  upstream: Pick<Upstream, 'id' | 'signUp' | 'trustEmail'>,
  person: UpstreamPerson,
): Promise<AccountResult> {
  const linked = await findLinked(services, person)
  if (linked) return asResult(await findUser(services.reader, linked.userId))
  if (!(upstream.signUp ?? services.settings.signUp === 'open')) return refused('identity_unknown')
  const email = person.verifiedEmail
  if (email !== undefined && (await isTaken(services, email)))
    return refused('identity_email_taken')
  const result = await registerUser(services, {
    name: person.name || person.label,
    ...(upstream.trustEmail && email !== undefined && normalizeEmail(email) ? { email } : {}),
    identity: newIdentity(services, upstream, person),
    admin: false,
    actor: `upstream:${upstream.id}`,
  })
  if (result.outcome === 'accepted') return asResult(await findUser(services.reader, result.userId))
  // The same person in two windows: the other one was first.
  const meanwhile = await findLinked(services, person)
  return meanwhile
    ? asResult(await findUser(services.reader, meanwhile.userId))
    : refused('identity_email_taken')
}

function asResult(user: User | undefined): AccountResult {
  if (!user) return refused('identity_unknown')
  return user.status === 'active' ? { outcome: 'accepted', user } : refused('account_disabled')
}

export type LinkResult = { readonly outcome: 'accepted' } | Refused

export interface NewLink {
  readonly user: User
  readonly upstream: Upstream
  readonly person: UpstreamPerson
  readonly by: ChangedBy
}

/** For somebody who is signed in here, and has just come from the other service. */
export async function linkIdentity(
  services: Services,
  { user, upstream, person, by }: NewLink,
  cause: Cause,
): Promise<LinkResult> {
  const { userId } = user
  const linked = await findLinked(services, person)
  if (linked) {
    return linked.userId === userId ? { outcome: 'accepted' } : refused('identity_of_another')
  }
  const identity = newIdentity(services, upstream, person)
  const now = services.now()
  try {
    const outcome = await execute<UserRefusal>(services.log, cause, (work) =>
      work.decide(userDecider, userId, { kind: 'link identity', ...identity, now }),
    )
    if (outcome.outcome === 'refused') return problemOf(outcome.reason)
    await tellOfChange(services, { person: user, change: 'identityLinked', by })
    return { outcome: 'accepted' }
  } catch (error) {
    if (error instanceof KeyTaken) return refused('identity_of_another')
    throw error
  }
}

export async function unlinkIdentity(
  services: Services,
  { user, identityKey: key, by }: { user: User; identityKey: string; by: ChangedBy },
  cause: Cause,
): Promise<LinkResult> {
  const { userId } = user
  const asked = { kind: 'unlink identity', identityKey: key, now: services.now() } as const
  const ways = waysOffered(services)
  const outcome = await execute<UserRefusal>(services.log, cause, async (work) => {
    const { passkeys } = await work.read(authenticatorsDecider, userId)
    return work.decide(userDecider, userId, { ...asked, ways, passkeys: passkeys.length })
  })
  if (outcome.outcome === 'refused') return problemOf(outcome.reason)
  await tellOfChange(services, { person: user, change: 'identityUnlinked', by })
  return { outcome: 'accepted' }
}

function problemOf(reason: UserRefusal): LinkResult {
  switch (reason) {
    // In another window, a moment ago: what was asked for is so.
    case 'identity_linked':
    case 'identity_unknown':
      return { outcome: 'accepted' }
    case 'identities_too_many':
    case 'last_way_in':
      return refused(reason)
    default:
      return refused('account_disabled')
  }
}

/** Under whichever version of the secret it was linked. */
export async function findLinked(
  { keyring, reader }: Pick<Services, 'keyring' | 'reader'>,
  person: Pick<UpstreamPerson, 'issuer' | 'subject'>,
): Promise<Identity | undefined> {
  for (const version of keyring.versions) {
    const found = await findIdentity(reader, identityKey(keyring, person, version))
    if (found) return found
  }
  return undefined
}

function newIdentity({ keyring }: Services, { id }: Pick<Upstream, 'id'>, person: UpstreamPerson) {
  return {
    identityKey: identityKey(keyring, person),
    upstream: id,
    upstreamSubject: person.subject,
    label: person.label,
  }
}

export async function isTaken(services: Services, email: string): Promise<boolean> {
  const address = normalizeEmail(email)
  return address !== undefined && (await findUserByEmail(services, address)) !== undefined
}

function refused(reason: IdentityProblem): Refused {
  return { outcome: 'refused', reason }
}
