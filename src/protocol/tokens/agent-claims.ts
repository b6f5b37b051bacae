/**
 * What can be told about an agent, and which scope asks for it. Nothing that a registration says of
 * its owner is proved before that person has confirmed it, and the claims say so.
 *
 * @see [OpenID Connect Core 1.0 §5.7 - Claim Stability and Uniqueness](https://openid.net/specs/openid-connect-core-1_0.html#ClaimStability)
 */
import type { KnownAgent } from '../known-agent.ts'

const claimsOfScope: Readonly<Record<string, readonly string[]>> = {
  profile: ['name', 'agent_id', 'model_name', 'updated_at'],
  email: ['email', 'email_verified'],
  permissions: ['permissions'],
}

/** @param asked scopes, and claims that were asked for one by one */
export function agentClaims(
  agent: KnownAgent,
  asked: { readonly scopes: readonly string[]; readonly names: readonly string[] },
): Record<string, unknown> {
  const wanted = new Set([
    ...asked.scopes.flatMap((scope) => claimsOfScope[scope] ?? []),
    ...asked.names,
  ])
  const all = Object.entries(claimsOf(agent))
  return Object.fromEntries(all.filter(([name, value]) => wanted.has(name) && value !== undefined))
}

function claimsOf(agent: KnownAgent): Record<string, unknown> {
  const { ownerName, ownerEmail, ownerId } = agent
  return {
    name: ownerName || undefined,
    agent_id: agent.handle,
    model_name: agent.modelName,
    updated_at: Math.floor(agent.updatedAt / 1000),
    email: ownerEmail || undefined,
    email_verified: ownerEmail ? ownerId !== undefined : undefined,
    permissions: agent.permissions,
  }
}
