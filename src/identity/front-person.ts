/**
 * People whom a front has signed in: it says what it calls them, and that name, tied to their
 * account here, is all that finds them. Whom it names for the first time gets an account.
 */
import { findUser, type User } from '../projections/users.ts'
import { emailVerifiedBy, type FrontPerson } from '../protocol/authorization/interaction.ts'
import type { Services } from '../protocol/services.ts'
import type { Person } from '../protocol/who-may.ts'
import { type AccountResult, accountOf, findLinked, isTaken } from './identities.ts'

/** No upstream of the settings can have this id. */
const frontAsUpstream = { id: '_front', signUp: true, trustEmail: true } as const

/** Somebody of whom the front has not said who it is. */
const nobody = { userId: '', email: null, emailVerifiedAt: null, admin: false, groups: [] }

/** Who would give access: the account, or what it would be for somebody who has none yet. */
export async function personOfFront(
  services: Services,
  person: FrontPerson | undefined,
): Promise<Person & { readonly userId: string }> {
  if (person === undefined) return nobody
  const user = await accountOfFront(services, person)
  if (user) return user
  const email = await freeEmail(services, person)
  return email === undefined ? nobody : { ...nobody, email, emailVerifiedAt: services.now() }
}

export async function accountOfFront(
  services: Pick<Services, 'settings' | 'keyring' | 'reader'>,
  { subject }: Pick<FrontPerson, 'subject'>,
): Promise<User | undefined> {
  const linked = await findLinked(services, { issuer: services.settings.issuer, subject })
  return linked && (await findUser(services.reader, linked.userId))
}

/** An address that another account has stays with it, and this one has none. */
export async function makeAccountOfFront(
  services: Services,
  person: FrontPerson,
): Promise<AccountResult> {
  const verifiedEmail = await freeEmail(services, person)
  return accountOf(services, frontAsUpstream, {
    issuer: services.settings.issuer,
    subject: person.subject,
    label: person.email ?? person.name ?? person.subject,
    name: person.name ?? '',
    ...(verifiedEmail === undefined ? {} : { verifiedEmail }),
  })
}

async function freeEmail(services: Services, person: FrontPerson): Promise<string | undefined> {
  const email = emailVerifiedBy(person)
  return email === undefined || (await isTaken(services, email)) ? undefined : email
}
