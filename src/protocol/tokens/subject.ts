/**
 * How a person is called towards others: by one id everywhere, or, where the operator wants it, by
 * another one in each sector, so that two parties cannot find out that they know the same person.
 *
 *   ID token, userinfo      the client's sector: the host of its redirect URIs
 *   access tokens           the resource that they are for
 *
 * A client that runs on people's own machines has no host that anybody could check: it is a sector
 * by itself. The salt is made once and kept, so that a new master secret changes nobody's id.
 *
 * @see [OpenID Connect Core 1.0 §8.1 - Pairwise Identifier Algorithm](https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg)
 */
import { createHmac, randomBytes } from 'node:crypto'
import { execute } from '../../domain/execute.ts'
import { newId } from '../../domain/ids.ts'
import { pairwiseSaltDecider } from '../../domain/pairwise-salt.ts'
import { lookUpClient } from '../clients/known-client.ts'
import { httpsHosts } from '../clients/redirect-uri.ts'
import type { Services } from '../services.ts'

const saltId = 'pairwise-salt'
const saltBytes = 32

/** Whom a token is about: a person, or a client that acts for itself and is called as it is. */
export interface About {
  readonly sub: string
  readonly userId?: string | undefined
}

/** The person as this resource knows them. */
export async function subjectForResource(
  services: Services,
  { sub, userId, resource }: About & { readonly resource: string },
): Promise<string> {
  if (userId === undefined) return sub
  return subjectIn(services, userId, `resource ${resource}`)
}

/** The person as this client knows them. */
export async function subjectForClient(
  services: Services,
  { userId, clientId }: { readonly userId: string; readonly clientId: string },
): Promise<string> {
  if (services.settings.subjectType === 'public') return userId
  const client = await lookUpClient(services, clientId)
  const host = sectorHost(client?.metadata.redirectUris ?? [])
  return subjectIn(services, userId, host ? `host ${host}` : `client ${clientId}`)
}

/**
 * The one host of these redirect URIs, or undefined where the client has none that is its own: a
 * client that names somebody else's host beside an address on this machine must not share it.
 */
export function sectorHost(redirectUris: readonly string[]): string | undefined {
  const [host, ...more] = httpsHosts(redirectUris)
  const allOnHosts = redirectUris.every((uri) => uri.startsWith('https:'))
  return allOnHosts && more.length === 0 ? host : undefined
}

/** Makes the salt where it is needed and not there yet; safe to call again. */
export async function ensurePairwiseSalt(services: Services): Promise<void> {
  if (services.settings.subjectType === 'public') return
  const cause = { actor: 'system:pairwise-salt', correlationId: newId('tsk') }
  await execute<string>(services.log, cause, (work) => {
    work.keepSecret(saltId, randomBytes(saltBytes))
    return work.decide(pairwiseSaltDecider, 'server', { kind: 'make', now: services.now() })
  })
}

async function subjectIn(
  { settings, secrets }: Services,
  userId: string,
  sector: string,
): Promise<string> {
  if (settings.subjectType === 'public') return userId
  const salt = await secrets.read(saltId)
  if (!salt) throw new Error('Cannot name a person to others: the salt for it is missing')
  return createHmac('sha256', salt)
    .update(JSON.stringify([sector, userId]))
    .digest('base64url')
}
