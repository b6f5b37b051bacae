/**
 * Tells a person that something about how they sign in was changed: when, by which device, and
 * where to end what is not theirs. Whoever got into an account cannot settle there unnoticed.
 */
import type { User } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { type LetterKind, putLetter } from './outbox.ts'
import { languageOf } from './person-language.ts'

export type AccountChange = Extract<
  LetterKind,
  | 'passkeyAdded'
  | 'passkeyRemoved'
  | 'codesOn'
  | 'codesOff'
  | 'recoveryCodesMade'
  | 'identityLinked'
  | 'identityUnlinked'
  | 'secondFactorReset'
  | 'passwordChanged'
  | 'emailChanged'
  | 'emailNew'
>

/** The browser in which it was changed, and the language of its page. */
export interface ChangedBy {
  readonly language: string
  readonly userAgent: string
}

const userAgentCharactersMax = 512

export interface Change {
  readonly person: Pick<User, 'userId' | 'email'>
  readonly change: AccountChange
  /** Absent where somebody else did it: a device says nothing then. */
  readonly by?: ChangedBy | undefined
}

export async function tellOfChange(
  services: Services,
  { person, change, by }: Change,
): Promise<void> {
  const { email, userId } = person
  if (!email || !services.mail.isReady) return
  const userAgent = by?.userAgent.slice(0, userAgentCharactersMax)
  await putLetter(services, {
    to: email,
    kind: change,
    language: by?.language ?? (await languageOf(services, userId)),
    happened: { at: services.now(), ...(userAgent === undefined ? {} : { userAgent }) },
    // Who reads the address before has no account to look after by it.
    ...(change === 'emailChanged' ? {} : { page: '/account' }),
  })
}
