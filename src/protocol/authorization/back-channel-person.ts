/**
 * Whom a client means, and whether they may be asked by it now.
 *
 * Whoever may put a name to this server and read from the answer whether there is such a person
 * can read out everybody who is here. So nobody, somebody who has had enough of this client or of
 * questions, and somebody who cannot sign in all look like somebody who does not answer. Only a
 * client that an operator marked is told, and one that shows our own ID token of that person: it
 * knew them before.
 *
 * @see [OpenID Connect CIBA Core 1.0 §13 - Authentication Error Response](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response)
 * @see [OpenID Connect CIBA Core 1.0 §15 - Security Considerations](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#security_considerations)
 */
import { backChannelDecider, backChannelId } from '../../domain/back-channel.ts'
import { Work } from '../../domain/execute.ts'
import { findUsersOfClient } from '../../projections/grants.ts'
import { findUser, type User } from '../../projections/users.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { findUserByEmail, normalizeEmail } from '../email-address.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import { readIdTokenHint } from '../tokens/id-token-hint.ts'
import { subjectForClient } from '../tokens/subject.ts'
import { openQuestions } from './back-channel-question.ts'

const hints = ['login_hint', 'id_token_hint', 'login_hint_token'] as const
const clientPeopleMax = 10_000

interface Asking {
  readonly client: KnownClient
  readonly parameters: Parameters
}

/**
 * @returns no `userId` where nobody is asked, and the client must not know
 * @throws {OAuthError} invalid_request; unknown_user_id or access_denied to who may know
 */
export async function personAsked(
  services: Services,
  asking: Asking,
): Promise<{ userId?: string }> {
  const { client, parameters } = asking
  const given = hints.filter((name) => parameters.has(name))
  if (given.length !== 1) {
    throw new OAuthError('invalid_request', 'Name one person: by login_hint or by id_token_hint')
  }
  const [hint] = given
  if (hint === 'login_hint_token') {
    const words = 'login_hint_token is not taken here; send login_hint or id_token_hint'
    throw new OAuthError('invalid_request', words)
  }
  const isKnown = hint === 'id_token_hint'
  const mayLearn = isKnown || services.settings.ciba.tellUnknownTo.includes(client.clientId)
  const user = isKnown
    ? await hintedByToken(services, asking)
    : await hinted(services, parameters.require('login_hint'))
  const reason = await whyNotAsked(services, client, user)
  if (user && reason === undefined) return { userId: user.userId }
  if (!mayLearn) return {}
  if (reason === 'unknown') {
    throw new OAuthError('unknown_user_id', 'There is nobody of this name who could be asked')
  }
  throw new OAuthError('access_denied', 'The person is not asked by this client now', {
    cause: reason ?? '',
  })
}

/** By address or by id; both are looked up in any case, so that each takes as long. */
async function hinted(services: Services, text: string): Promise<User | undefined> {
  const email = normalizeEmail(text)
  const [byId, byEmail] = await Promise.all([
    findUser(services.reader, text.slice(0, 100)),
    findUserByEmail(services, email ?? 'nobody@invalid'),
  ])
  // An address counts once somebody has proved that it is theirs.
  return byId ?? (email !== undefined && byEmail?.emailVerifiedAt !== null ? byEmail : undefined)
}

/** @throws {OAuthError} invalid_request for a token that is not ours, or another client's */
async function hintedByToken(
  services: Services,
  { client: { clientId }, parameters }: Asking,
): Promise<User | undefined> {
  const { reader, settings } = services
  const token = await readIdTokenHint(services, parameters.require('id_token_hint'))
  if (token?.clientId !== clientId) {
    throw new OAuthError(
      'invalid_request',
      'id_token_hint is no ID token that this client had here',
    )
  }
  if (settings.subjectType === 'public') return findUser(reader, token.subject)
  // A name for one client only can be made, and not be read back.
  for (const userId of await findUsersOfClient(reader, { clientId, rowsMax: clientPeopleMax })) {
    if ((await subjectForClient(services, { userId, clientId })) === token.subject) {
      return findUser(reader, userId)
    }
  }
  return undefined
}

async function whyNotAsked(
  services: Services,
  { clientId }: KnownClient,
  user: User | undefined,
): Promise<'unknown' | 'muted' | 'too many' | undefined> {
  const { log, expiring, settings } = services
  const userId = user?.status === 'active' ? user.userId : 'nobody'
  const { openPerPersonMax, perPersonHourMax } = settings.ciba
  const channel = await new Work(log).read(backChannelDecider, backChannelId({ userId, clientId }))
  const isMuted = channel.status === 'muted'
  const open = await openQuestions(services, userId)
  const isOpen = !isMuted && open.length < openPerPersonMax
  const asked = isOpen ? await expiring.count('back-channel-asked', userId, 60 * 60) : 0
  if (userId === 'nobody') return 'unknown'
  if (isMuted) return 'muted'
  return isOpen && asked <= perPersonHourMax ? undefined : 'too many'
}
