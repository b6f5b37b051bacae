/**
 * A grant as whoever comes with a token of it may use it: it is read and guarded with all that it
 * rests on, and what it allows is what the person may still give.
 *
 * @see [RFC 6749 §5.2 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)
 * @see [RFC 8707 §2.2 - Access Token Request](https://www.rfc-editor.org/rfc/rfc8707.html#section-2.2)
 */
import type { Resource } from '../../config/resource-settings.ts'
import type { Access } from '../../domain/access.ts'
import { clientDecider } from '../../domain/client.ts'
import type { Verdict, Work } from '../../domain/execute.ts'
import { grantDecider, type KnownGrant } from '../../domain/grant.ts'
import { OAuthError } from '../oauth-error.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { isRestricted, scopesOfPerson } from '../who-may.ts'
import { holderMayGive, holderStream, isHolderActive } from './grant-holder.ts'
import type { TokenOwner } from './token-owners.ts'

export interface GrantUse {
  readonly owner: TokenOwner
  /** Who comes with the token, and when. */
  readonly by: { readonly clientId: string; readonly now: number }
  /** As the request names them. */
  readonly resources: readonly string[]
  /** Those that are wanted; none is a reason to refuse. */
  readonly scopesOf: (access: GrantedAccess) => string[]
}

/** @returns the verdict instead where the grant cannot be used, which records the refusal */
export async function useGrant(
  services: Services,
  work: Work,
  { owner, by, resources, scopesOf }: GrantUse,
): Promise<
  { grant: KnownGrant; resource: Resource; scopes: string[] } | { verdict: Verdict<string> }
> {
  const read = await readGrant(work, owner, by)
  if ('verdict' in read) return read
  const { grant } = read
  const access = await accessOfGrant(services, grant, resources)
  const scopes = scopesOf(access)
  if (scopes.length > 0) return { grant, resource: access.resource, scopes }
  const refusal = { kind: 'refuse', reason: 'person_not_allowed', ...by } as const
  return { verdict: await work.decide(grantDecider, grant.grantId, refusal) }
}

/**
 * Reads a grant with everything that must be good for it to be used: whose it is, and its client.
 * All three are guarded from here on, so none can be ended unnoticed before tokens are written.
 */
async function readGrant(
  work: Work,
  ids: TokenOwner,
  by: GrantUse['by'],
): Promise<{ grant: KnownGrant } | { verdict: Verdict<string> }> {
  await work.prefetch([
    [grantDecider, ids.grantId],
    holderStream(ids.userId),
    [clientDecider, ids.clientId],
  ])
  const grant = await work.read(grantDecider, ids.grantId)
  const isActive = await isHolderActive(work, ids.userId)
  const client = await work.read(clientDecider, ids.clientId)
  if (grant.status === 'unknown') return { verdict: work.reject('grant_unknown') }
  const refused = async (reason: 'user_not_active' | 'client_not_active') => ({
    verdict: await work.decide(grantDecider, ids.grantId, { kind: 'refuse', reason, ...by }),
  })
  if (!isActive) return refused('user_not_active')
  if (client.status !== 'active') return refused('client_not_active')
  return { grant }
}

/** The resource that a token is asked for, and what the grant allows there. */
export interface GrantedAccess {
  readonly resource: Resource
  /** What the person approved and may still give; nothing is a reason to refuse. */
  readonly scopes: string[]
  /** What the person approved, and has taken back or may give no more. */
  readonly lost: string[]
}

/**
 * One resource for each access token: the one that the request names, or the grant's first.
 * @throws {OAuthError} invalid_target, also when the operator has taken the resource away since
 * @see [RFC 8707 §2.2 - Access Token Request](https://www.rfc-editor.org/rfc/rfc8707.html#section-2.2)
 */
async function accessOfGrant(
  services: Services,
  grant: Pick<KnownGrant, 'access' | 'userId' | 'clientId' | 'at' | 'takenBack'>,
  asked: readonly string[],
): Promise<GrantedAccess> {
  const { settings } = services
  const { access, takenBack } = grant
  const named = new Set(asked.map((r) => findResource(settings, r)?.resource))
  if (named.size > 1) {
    throw new OAuthError('invalid_target', 'An access token is for one resource; ask for each')
  }
  const [wanted] = named.size === 1 ? named : [access[0]?.resource]
  const granted = access.find((a: Access) => a.resource === wanted)
  if (!granted) throw new OAuthError('invalid_target', 'The grant is for another resource')
  const resource = findResource(settings, granted.resource)
  if (!resource) throw new OAuthError('invalid_target', 'The resource is no longer served')
  const back = takenBack.filter((a) => a.resource === wanted).flatMap((a) => a.scopes)
  // The holder's stream is guarded already: what is read here is what the append holds for.
  const holder = await holderMayGive(services, grant, granted)
  const scopes = isRestricted(resource, granted.scopes)
    ? scopesOfPerson(resource, holder.scopes, await holder.person())
    : holder.scopes
  const lost = granted.scopes.filter((scope) => !scopes.includes(scope))
  return { resource, scopes, lost: [...back, ...lost] }
}
