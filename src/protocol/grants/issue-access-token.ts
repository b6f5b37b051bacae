/**
 * Issues one access token that comes from no code, in one append: everything that it rests on is
 * guarded, so that a client that was disabled or a grant that ended meanwhile gives none. There is
 * never a refresh token beside it: whoever could ask once can ask again.
 *
 * @see [RFC 6749 §4.4.3 - Access Token Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.4.3)
 */
import type { Resource } from '../../config/resource-settings.ts'
import { execute, type Verdict, type Work } from '../../domain/execute.ts'
import { newId } from '../../domain/ids.ts'
import { type IssuedTerms, issuanceDecider } from '../../domain/issuance.ts'
import { sha256 } from '../../domain/keyring.ts'
import { userDecider } from '../../domain/user.ts'
import { findUser } from '../../projections/users.ts'
import { detailsAt } from '../authorization/authorization-details.ts'
import { admitClient } from '../clients/admission.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { accessTokenOf, type Proof, tokenType } from '../tokens/access-token.ts'
import { requireBound } from '../tokens/confirmation.ts'
import { newTokenOf } from '../tokens/token-text.ts'
import { scopesOfPerson } from '../who-may.ts'
import { type GrantRequest, invalidGrant, type TokenResponse } from './grant-type.ts'

type Given = Omit<
  IssuedTerms,
  'issuanceId' | 'clientId' | 'resource' | 'accessTokenHash' | 'confirmation' | 'clientIds' | 'at'
>

export interface IssuancePlan extends Omit<Given, 'expiresAt'> {
  readonly resource: Resource
  /** Clients that it came through, beside the one that asks. */
  readonly through?: readonly string[]
  /** It never outlives this. */
  readonly endsAt?: number
  /** How the person signed in behind the token that this one is given for. */
  readonly proof?: Proof
  /** Reads what else the token rests on; a refusal issues nothing. */
  readonly rest?: (work: Work) => Promise<Verdict<string> | undefined>
}

/** @throws {OAuthError} invalid_request where tokens must be bound; invalid_grant when what it rests on has ended meanwhile */
export async function issueAccessToken(
  services: Services,
  { client, confirmation, correlationId, ahead }: Omit<GrantRequest, 'parameters'>,
  {
    resource,
    through = [],
    endsAt = Number.POSITIVE_INFINITY,
    proof,
    rest,
    ...given
  }: IssuancePlan,
): Promise<TokenResponse> {
  requireBound(resource, confirmation)
  const { settings, log } = services
  const { clientId } = client
  const at = services.now()
  const issuanceId = newId('iss')
  const accessToken = newTokenOf(settings.tokenPrefix, 'access', issuanceId)
  const terms: IssuedTerms = {
    ...given,
    issuanceId,
    clientId,
    resource: resource.resource,
    accessTokenHash: sha256(accessToken),
    expiresAt: Math.min(at + resource.accessTokenTtlSeconds * 1000, endsAt),
    ...(confirmation === undefined ? {} : { confirmation }),
    clientIds: [...new Set([clientId, ...through])],
    at,
  }
  const cause = { actor: `client:${clientId}`, correlationId }
  const outcome = await execute<string>(
    log,
    cause,
    async (work) => {
      const admitted = await admitClient(services, work, { clientId, now: at, found: client })
      if ('verdict' in admitted) return admitted.verdict
      const refused =
        (await requirePerson(services, work, { terms, resource })) ?? (await rest?.(work))
      if (refused) return refused
      work.begin(issuanceDecider, terms.issuanceId)
      return work.decide(issuanceDecider, terms.issuanceId, { kind: 'issue', terms })
    },
    { ahead: ahead?.streams, guess: ahead?.guess },
  )
  if (outcome.outcome === 'refused') throw refusalOf(outcome.reason)
  const { sub, userId, scopes, actors, expiresAt } = terms
  const details = detailsAt(settings, terms.authorizationDetails, resource.resource)
  const about = { sub, userId, confirmation, details, proof }
  const facts = {
    ...about,
    clientId,
    resource,
    scopes,
    actors,
    accessToken,
    issuedAt: at,
    expiresAt,
  }
  return {
    access_token: await accessTokenOf(services, facts),
    token_type: tokenType(terms),
    expires_in: Math.max(1, Math.floor((expiresAt - at) / 1000)),
    scope: scopes.join(' '),
  }
}

/** A person must be good, and may give no more than the operator lets them. */
async function requirePerson(
  { reader }: Services,
  work: Work,
  { terms: { userId, scopes }, resource }: { terms: IssuedTerms; resource: Resource },
): Promise<Verdict<string> | undefined> {
  if (userId === undefined) return undefined
  const { status } = await work.read(userDecider, userId)
  if (status !== 'active') return work.reject('user_not_active')
  const given = scopesOfPerson(resource, scopes, await findUser(reader, userId))
  return given.length === scopes.length ? undefined : work.reject('person_not_allowed')
}

function refusalOf(reason: string): OAuthError {
  if (reason === 'subject_token_ended') {
    return new OAuthError('invalid_request', 'The subject token has just ended', { cause: reason })
  }
  if (reason !== 'client_unknown') return invalidGrant('request', { reason })
  return new OAuthError('invalid_client', 'The client is not known here', { cause: reason })
}
