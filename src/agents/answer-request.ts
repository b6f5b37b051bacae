/**
 * An agent's answer to an authorization request: first that it is the agent, then, when the
 * browser goes on, the grant. What it may give is asked both times, the second time on its stream,
 * so that what its owner takes back meanwhile is not given.
 *
 * @see [RFC 6749 §4.1.2 - Authorization Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2)
 */
import { type AgentConsent, scopesOfAgent } from '../domain/agent.ts'
import { execute } from '../domain/execute.ts'
import { grantDecider } from '../domain/grant.ts'
import { newId } from '../domain/ids.ts'
import { sha256 } from '../domain/keyring.ts'
import { findUser } from '../projections/users.ts'
import { meetsCondition } from '../protocol/authorization/authentication-context.ts'
import {
  type AuthorizationRequest,
  authorizationRequestKind,
  codeRedirect,
  redirectUriOf,
} from '../protocol/authorization/authorization-request.ts'
import { termsOf } from '../protocol/authorization/consent.ts'
import { admitClient } from '../protocol/clients/admission.ts'
import { admitAgent, findKnownAgent, type KnownAgent } from '../protocol/known-agent.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { tooManyRequests } from '../protocol/rate-limits.ts'
import { findResource, isIdentityScope } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { newTokenOf } from '../protocol/tokens/token-text.ts'
import { accessOfPerson } from '../protocol/who-may.ts'
import { agentsPage } from './owner-letter.ts'
import { askOwner } from './owner-questions.ts'
import type { AgentAnswer } from './sign-in-request.ts'

/** A name and a secret. */
const amr = ['pwd']
const daySeconds = 24 * 3600

/**
 * Whether the agent may answer this at all.
 * @throws {OAuthError} access_denied, consent_required (403), rate_limit_exceeded (429)
 */
export async function requireAnswerable(
  services: Services,
  request: AuthorizationRequest,
  agent: KnownAgent,
): Promise<void> {
  const { settings, expiring, now } = services
  const isOther = request.subject !== undefined && request.subject !== agent.agentId
  if (isOther) throw denied('The client expects somebody else')
  if (!meetsCondition(request, amr)) throw denied('The client asks for more than a secret proves')
  if ((request.authorizationDetails ?? []).length > 0) {
    throw denied('What is asked for in particular is for a person to choose')
  }
  const where = `${settings.issuer}${agentsPage}`
  if (agent.ownerId === undefined) {
    const { unconfirmed, unconfirmedGrantsPerDay } = settings.agents
    const mayAnswer = unconfirmed === 'identity' && isIdentityOnly(request)
    if (!mayAnswer) throw denied(`The owner that it names has to confirm the agent first: ${where}`)
    const times = await expiring.count('agent-sign-ins', agent.agentId, daySeconds)
    if (times > unconfirmedGrantsPerDay) throw tooManyRequests(3600, 'unconfirmed agent')
    return
  }
  if (mayGive(agent, request, now())) return
  await askOwner(services, agent.ownerId, { agentId: agent.agentId, request })
  throw new OAuthError('consent_required', `The agent’s owner has to allow this first: ${where}`, {
    status: 403,
  })
}

function isIdentityOnly({ access }: AuthorizationRequest): boolean {
  return access.every(({ scopes }) => scopes.every(isIdentityScope))
}

function mayGive(
  agent: { readonly consents: readonly AgentConsent[] },
  { access, clientId }: AuthorizationRequest,
  at: number,
): boolean {
  return access.every(({ resource, scopes }) => {
    const given = scopesOfAgent(agent, { clientId, resource, scopes, at }, isIdentityScope)
    return given.length === scopes.length
  })
}

/**
 * Gives what was asked for, in the agent's name.
 * @returns where to send the browser, or undefined where it may not be given any more
 * @throws {AlreadyConsumed} when the request was answered before
 */
export async function approveAsAgent(
  services: Services,
  request: AuthorizationRequest,
  { answer, correlationId }: { answer: AgentAnswer; correlationId: string },
): Promise<string | undefined> {
  const { settings, log } = services
  const grantId = newId('grt')
  const code = newTokenOf(settings.tokenPrefix, 'code', grantId)
  const { agentId, at: authTime } = answer
  const { access } = request
  const offer = { access, already: [], details: [], detailsBefore: [] }
  const approver = { userId: agentId, authTime, amr }
  const given = { approver, offer, details: [], grantId, codeHash: sha256(code) }
  const terms = termsOf(services, request, given)
  const cause = { actor: `agent:${agentId}`, correlationId }
  const { outcome } = await execute<string>(log, cause, async (work) => {
    const known = await findKnownAgent(services, answer.handle)
    if (known?.agentId !== agentId) return work.reject('agent_not_active')
    const admitted = await admitAgent(work, known, terms.at)
    if ('verdict' in admitted) return admitted.verdict
    const { ownerId, ...agent } = admitted.agent
    if (agent.secretId !== answer.secretId) return work.reject('secret_replaced')
    if (!mayGive(agent, request, terms.at)) return work.reject('consent_withdrawn')
    if (!(await ownerMayGive(services, ownerId, request))) return work.reject('person_not_allowed')
    const { clientId } = request
    const client = await admitClient(services, work, { clientId, now: terms.at })
    if ('verdict' in client) return client.verdict
    redirectUriOf(client.client, request.redirectUri, settings)
    work.consume(authorizationRequestKind, request.requestId)
    const owned = ownerId === undefined ? terms : { ...terms, ownerId }
    return work.decide(grantDecider, terms.grantId, { kind: 'approve', terms: owned })
  })
  return outcome === 'accepted' ? codeRedirect(services, request, code) : undefined
}

/** Whoever may not give it themselves cannot have an agent give it. */
async function ownerMayGive(
  { reader, settings }: Services,
  ownerId: string | undefined,
  { access }: AuthorizationRequest,
): Promise<boolean> {
  const owner = ownerId === undefined ? undefined : await findUser(reader, ownerId)
  const nobody = { email: null, emailVerifiedAt: null, admin: false, groups: [] }
  const mine = accessOfPerson(access, owner ?? nobody, (id) => findResource(settings, id))
  return JSON.stringify(mine) === JSON.stringify(access)
}

function denied(words: string): OAuthError {
  return new OAuthError('access_denied', words)
}
