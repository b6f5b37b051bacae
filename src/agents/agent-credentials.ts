/**
 * An agent proves who it is by name and secret. Whoever guesses is slowed down, as at sign-in, and
 * learns nothing: an unknown name, a wrong secret, a revoked agent and one whose owner may not act
 * take the same time and get the same answer.
 *
 * @see [RFC 6749 §2.3.1 - Client Password](https://www.rfc-editor.org/rfc/rfc6749.html#section-2.3.1)
 */
import { createHash } from 'node:crypto'
import { inTurn } from '../identity/in-turn.ts'
import { handleKeyOf } from '../projections/agents.ts'
import { Brake } from '../protocol/brake.ts'
import { findKnownAgent, type KnownAgent } from '../protocol/known-agent.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { tooManyRequests } from '../protocol/rate-limits.ts'
import { networkOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { objectOf, required } from './agent-fields.ts'
import { isRightSecret } from './hashing.ts'

/** Many agents run on one platform, so its address counts for less. */
const addressAllowance = 20
const handleCharactersMax = 64
const secretCharactersMax = 1024

/** @throws {OAuthError} invalid_request, invalid_client (401), rate_limit_exceeded (429) */
export async function authenticateAgent(
  services: Services,
  { body, address }: { body: unknown; address: string },
): Promise<KnownAgent> {
  const fields = objectOf(body)
  const handle = required(fields, 'agent_id').slice(0, handleCharactersMax + 1)
  const secret = required(fields, 'agent_secret')
  const name = hashOf(`agent ${handleKeyOf(handle)}`)
  const place = hashOf(`place ${networkOf(address)}`)
  return inTurn(`agent ${name}`, async () => {
    const brake = brakeOf(services)
    const seconds = await brake.secondsLeft([name, place])
    if (seconds > 0) throw tooManyRequests(seconds, 'too many wrong agent secrets')
    const agent = await findKnownAgent(services, handle)
    if (agent && (await hasSecret(services, agent, secret))) {
      await brake.forget(name)
      return agent
    }
    if (!agent) await hasSecret(services, undefined, secret)
    const { signInFailuresMax: allowed } = services.settings.limits
    services.observations.count('failed-agent-sign-ins')
    await brake.fail(place, { allowed: allowed * addressAllowance })
    await brake.fail(name, { allowed })
    throw new OAuthError('invalid_client', 'The agent_id or the agent_secret is wrong')
  })
}

/** Whether this is the agent's secret; as slow for no agent. */
export async function hasSecret(
  { passwords, secrets, settings }: Services,
  agent: KnownAgent | undefined,
  secret: string,
): Promise<boolean> {
  const kept = agent && !agent.waiting ? await secrets.read(agent.secretId) : undefined
  const hash = agent?.waiting?.secretHash ?? (kept && Buffer.from(kept).toString('utf8'))
  const usable = secret.length <= secretCharactersMax ? secret : ''
  return isRightSecret(passwords, { secret: usable, hash, by: settings.agents.secretHash })
}

function brakeOf(services: Services): Brake {
  const { signInWindowSeconds: windowSeconds } = services.settings.limits
  return new Brake(services, { kind: 'agent', windowSeconds })
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
