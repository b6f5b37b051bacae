/**
 * The token by which an agent looks after itself: got for its secret, good for its own profile and
 * for userinfo, and for nothing else. It ends with the agent, with another secret, and soon by
 * itself, so it is an entry that expires and no fact of the log.
 *
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)
 */
import type { Resource } from '../../config/resource-settings.ts'
import { sha256 } from '../../domain/keyring.ts'
import { findKnownAgent, type KnownAgent } from '../known-agent.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Presented } from '../presented.ts'
import type { Services } from '../services.ts'
import { presentedToken } from './bearer.ts'
import { challenge } from './challenge.ts'
import { hasTokenShape, newToken } from './token-text.ts'

const agentTokenKind = 'agent-token'

interface Kept {
  readonly agentId: string
  readonly handle: string
  /** Another secret ends it. */
  readonly secretId: string
}

export async function issueAgentToken(
  { settings, expiring, now }: Services,
  { agentId, handle, secretId }: KnownAgent,
): Promise<{ token: string; expiresInSeconds: number }> {
  const token = newToken(settings.tokenPrefix, 'agent')
  const expiresInSeconds = settings.agents.tokenTtlSeconds
  const body: Kept = { agentId, handle, secretId }
  const expiresAt = now() + expiresInSeconds * 1000
  await expiring.put({ kind: agentTokenKind, id: sha256(token), body, expiresAt })
  return { token, expiresInSeconds }
}

export function isAgentToken({ authorization }: Pick<Presented, 'authorization'>): boolean {
  const presented = presentedToken(authorization)
  return presented?.scheme === 'Bearer' && hasTokenShape(presented.token, 'agent')
}

/**
 * The agent whose own token this is.
 * @throws {OAuthError} missing_authorization, invalid_token (401)
 */
export async function requireAgentToken(
  services: Services,
  { authorization }: Pick<Presented, 'authorization'>,
): Promise<KnownAgent> {
  const [resource] = services.settings.resources as [Resource, ...Resource[]]
  const presented = presentedToken(authorization)
  if (!presented) {
    const headers = challenge(services.settings, resource, {})
    throw new OAuthError('missing_authorization', 'An access token is needed', { headers })
  }
  const agent = isAgentToken({ authorization }) && (await findByToken(services, presented.token))
  if (agent) return agent
  const headers = challenge(services.settings, resource, { error: 'invalid_token' })
  const words = 'The access token is not an agent’s own, is not valid, or has expired'
  throw new OAuthError('invalid_token', words, { headers })
}

async function findByToken(services: Services, token: string): Promise<KnownAgent | undefined> {
  if (!services.settings.agents.enabled) return undefined
  const kept = (await services.expiring.get(agentTokenKind, sha256(token))) as Kept | undefined
  const agent = kept && (await findKnownAgent(services, kept.handle))
  const isSame = agent?.agentId === kept?.agentId && agent?.secretId === kept?.secretId
  return isSame ? agent : undefined
}
