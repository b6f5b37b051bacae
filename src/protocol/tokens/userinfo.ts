/**
 * Claims about the person, for a token that carries `openid`.
 *
 * @see [OpenID Connect Core 1.0 §5.3 - UserInfo Endpoint](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)
 */

import type { Resource } from '../../config/resource-settings.ts'
import { isAgentId } from '../../domain/agent.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { findAgentOfId, type KnownAgent } from '../known-agent.ts'
import type { Presented } from '../presented.ts'
import { allResources, identityScopes } from '../resources.ts'
import type { Services } from '../services.ts'
import { agentClaims } from './agent-claims.ts'
import { isAgentToken, requireAgentToken } from './agent-token.ts'
import { requirePerson, requireToken } from './bearer.ts'
import { personClaims } from './person-claims.ts'
import { subjectForClient } from './subject.ts'

export async function userinfo(
  services: Services,
  { presented, path }: { presented: Presented; path: string },
): Promise<Record<string, unknown>> {
  if (isAgentToken(presented)) return tellOfItself(await requireAgentToken(services, presented))
  const resources = allResources(services.settings) as [Resource, ...Resource[]]
  const token = await requireToken(services, presented, { resources, scopes: ['openid'] })
  const minimal = services.settings.userinfoMinimalPaths.includes(path)
  if (isAgentId(token.sub)) return tellOfAgent(services, token, minimal)
  const { userId, clientId, scopes } = requirePerson(token)
  const sub = await subjectForClient(services, { userId, clientId })
  const asked = { scopes, names: token.claims?.userinfo ?? [] }
  const claims = await personClaims(services, userId, asked)
  if (!minimal) return { sub, ...claims }
  return claims.email === undefined ? { sub } : { sub, email: claims.email }
}

/** An agent's own token shows it all that anybody may be told. */
function tellOfItself(agent: KnownAgent): Record<string, unknown> {
  return {
    sub: agent.agentId,
    ...agentClaims(agent, { scopes: Object.keys(identityScopes), names: [] }),
  }
}

async function tellOfAgent(
  services: Services,
  { sub, scopes, claims }: LiveToken,
  minimal: boolean,
): Promise<Record<string, unknown>> {
  const agent = await findAgentOfId(services, sub)
  if (!agent) return { sub }
  const told = agentClaims(agent, { scopes, names: claims?.userinfo ?? [] })
  if (!minimal) return { sub, ...told }
  // Nothing here could say that the address is not proved, so one that is not is left out.
  return told.email_verified === true ? { sub, email: told.email } : { sub }
}
