/**
 * A person's page about agents: what names them as its owner, what asks them for something, and
 * what is theirs. All of it wants a fresh sign-in, because an agent acts while nobody looks.
 *
 * @see [RFC 9700 §4.7 - Cross-Site Request Forgery](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.7)
 */
import { Elysia } from 'elysia'
import { revokeAgent, rotateSecret } from '../agents/change-agent.ts'
import {
  answerQuestion,
  confirmAgent,
  lastSignIns,
  listOwnAgents,
  type OwnAgents,
  type OwnerResult,
  withdrawConsent,
} from '../agents/own-agents.ts'
import { agentsPage as page } from '../agents/owner-letter.ts'
import { questionsFor } from '../agents/owner-questions.ts'
import type { Cause } from '../domain/event-log.ts'
import { sha256 } from '../domain/keyring.ts'
import type { SignedIn } from '../identity/session.ts'
import type { Agent } from '../projections/agents.ts'
import { listJobs } from '../projections/jobs.ts'
import { lookUpClient } from '../protocol/clients/known-client.ts'
import { findKnownAgent } from '../protocol/known-agent.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { contextOf } from '../protocol/request-context.ts'
import { describeScope, findResource } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { newNonce } from '../protocol/tokens/token-text.ts'
import type { ShownOwnAgent } from '../web/own-agent.tsx'
import { type OwnAgentsProblem, ownAgentsPage } from '../web/own-agents.tsx'
import { redirectHostOf } from '../web/safe-href.ts'
import { readForm } from './body.ts'
import { type BrowserMark, browserOf, csrfToken } from './cookies.ts'
import { requireFresh } from './fresh-session.ts'
import { isOwnForm, pageResponse, seeOther } from './page-response.ts'
import { visitorShell } from './visitor.ts'

/** The page stays below 30 KB whatever agents call themselves. */
const rowsPerPage = 3
const signInsShown = 3
const jobsShown = 3
const secretKind = 'agent-secret-shown'
const secretShownMs = 10 * 60 * 1000

export function ownAgents(services: Services) {
  const plugin = new Elysia({ name: 'own-agents' })
  if (!services.settings.agents.enabled) return plugin
  plugin.get(page, ({ request }) => open(services, request, show))
  for (const [name, act] of Object.entries(actions)) {
    plugin.post(`${page}/${name}`, ({ request }) => change(services, request, act), {
      parse: 'none',
    })
  }
  return plugin
}

interface Here {
  readonly services: Services
  readonly request: Request
  readonly mark: BrowserMark
  readonly signedIn: SignedIn
}

async function open(
  services: Services,
  request: Request,
  act: (here: Here) => Promise<Response>,
): Promise<Response> {
  const signedIn = await requireFresh(services, request, page)
  if (signedIn instanceof Response) return signedIn
  return act({ services, request, signedIn, mark: browserOf(services.settings, request) })
}

function purposeOf({ session }: SignedIn): string {
  return `agents ${session.sessionId}`
}

interface Change extends Here {
  readonly field: (name: string) => string
  readonly agentId: string
  readonly cause: Cause
}

type Act = (change: Change) => Promise<OwnerResult>

function change(services: Services, request: Request, act: Act): Promise<Response> {
  return open(services, request, async (here) => {
    const form = await readForm(request, services.settings.limits.bodyBytesMax)
    const { mark, signedIn } = here
    if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(signedIn) })) {
      return show(here, 'expired')
    }
    const actor = `user:${signedIn.user.userId}`
    const cause = { actor, correlationId: contextOf(request).requestId }
    const field = (name: string) => form.get(name) ?? ''
    const problem = await act({ ...here, field, agentId: field('agent'), cause })
    return problem ? show(here, problem) : seeOther(page)
  })
}

const actions: Readonly<Record<string, Act>> = {
  confirm: ({ services, signedIn, agentId, cause }) =>
    confirmAgent(services, signedIn.user, { agentId, cause }),
  decline: (given) => end(given, 'naming'),
  revoke: (given) => end(given, 'owned'),
  secret: replaceSecret,
  answer: ({ services, signedIn, field, cause }) => {
    const decision = { id: field('question'), allow: field('decision') === 'allow', cause }
    return answerQuestion(services, signedIn.user, decision)
  },
  withdraw: ({ services, signedIn, agentId, field, cause }) => {
    const given = { agentId, clientId: field('client'), resource: field('resource'), cause }
    return withdrawConsent(services, signedIn.user.userId, given)
  },
}

async function findOwn({ services, signedIn, agentId }: Change, among: keyof OwnAgents) {
  const own = await listOwnAgents(services, signedIn.user)
  const row = own[among].find((each) => each.agentId === agentId)
  return row && findKnownAgent(services, row.handle)
}

async function end(given: Change, among: keyof OwnAgents): Promise<OwnerResult> {
  const agent = await findOwn(given, among)
  if (!agent) return 'agent_gone'
  const reason = among === 'naming' ? 'declined' : 'revoked_by_owner'
  return orGone(revokeAgent(given.services, agent, { reason, cause: given.cause }))
}

/** The secret is shown once, to this session; what it is derived from waits for that alone. */
async function replaceSecret(given: Change): Promise<OwnerResult> {
  const agent = await findOwn(given, 'owned')
  if (!agent) return 'agent_gone'
  const { services, signedIn, cause } = given
  const body = { agentId: agent.agentId, handle: agent.handle, nonce: newNonce() }
  const secret = secretFrom(services, body)
  const gone = await orGone(rotateSecret(services, agent, { secret, cause }))
  if (gone) return gone
  const expiresAt = services.now() + secretShownMs
  await services.expiring.put({ kind: secretKind, id: revealId(signedIn), body, expiresAt })
  return undefined
}

function revealId({ session }: SignedIn): string {
  return sha256(session.sessionId)
}

function secretFrom(
  { keyring }: Services,
  { agentId, nonce }: { agentId: string; nonce: string },
): string {
  return keyring.mac('agent-secret', [agentId, nonce])
}

async function orGone(act: Promise<void>): Promise<OwnerResult> {
  try {
    await act
    return undefined
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'invalid_token') return 'agent_gone'
    throw error
  }
}

async function show(here: Here, problem?: OwnAgentsProblem): Promise<Response> {
  const { services, request, mark, signedIn } = here
  const { user } = signedIn
  const { naming, owned } = await listOwnAgents(services, user)
  const questions = await questionsFor(services, user.userId)
  const asked = Number(new URL(request.url).searchParams.get('page') ?? 1)
  const pages = Math.max(1, Math.ceil(owned.length / rowsPerPage))
  const current = Number.isSafeInteger(asked) ? Math.min(Math.max(asked, 1), pages) : 1
  const rows = owned.slice((current - 1) * rowsPerPage, current * rowsPerPage)
  const kept = await services.expiring.take(secretKind, revealId(signedIn))
  const reveal = kept as { agentId: string; handle: string; nonce: string } | undefined
  const html = ownAgentsPage({
    ...visitorShell(services, request, signedIn),
    action: page,
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(signedIn)),
    problem,
    hasAddress: user.emailVerifiedAt !== null,
    byMail: services.mail.isReady && user.email !== null,
    secret: reveal && { handle: reveal.handle, text: secretFrom(services, reveal) },
    naming: naming.slice(0, rowsPerPage).map((agent) => ({ ...agent, confirmed: false })),
    namingMore: Math.max(0, naming.length - rowsPerPage),
    questions: await Promise.all(
      questions.slice(0, rowsPerPage).map(async ({ id, question }) => {
        const { agentId, clientId, redirectUri, askedAt } = question
        const handle = owned.find((each) => each.agentId === agentId)?.handle ?? ''
        const clientName = await nameOf(services, clientId)
        const redirectHost = redirectHostOf(redirectUri)
        return { id, handle, clientName, redirectHost, askedAt, ...described(services, question) }
      }),
    ),
    agents: await Promise.all(rows.map((agent) => shownAgent(services, agent))),
    page: current,
    pages,
  })
  const status = problem === undefined ? 200 : 400
  return pageResponse(html, { status, cookies: [mark.setCookie] })
}

async function shownAgent(services: Services, agent: Agent): Promise<ShownOwnAgent> {
  const consents = agent.consents.map(async ({ clientId, resource, scopes, since }) => ({
    clientId,
    resource,
    clientName: await nameOf(services, clientId),
    ...described(services, { resource, scopes }),
    since,
  }))
  const { agentId, ownerId } = agent
  const signIns = await lastSignIns(services, agentId, signInsShown)
  const started =
    ownerId === null
      ? []
      : await listJobs(services.reader, { userId: ownerId, agentId, rowsMax: jobsShown })
  return {
    ...agent,
    ownerName: agent.ownerName ?? '',
    confirmed: true,
    consents: await Promise.all(consents),
    jobs: await Promise.all(
      started.map(async ({ jobId, tool, clientId, status, queuedAt: at }) => ({
        ...{ jobId, tool, status, at },
        clientName: await nameOf(services, clientId),
      })),
    ),
    signIns: await Promise.all(
      signIns.map(async ({ clientId, at }) => ({
        clientName: await nameOf(services, clientId),
        at,
      })),
    ),
  }
}

async function nameOf(services: Services, clientId: string): Promise<string> {
  return (await lookUpClient(services, clientId))?.metadata.clientName ?? clientId
}

function described(
  { settings }: Services,
  { resource: identifier, scopes }: { resource: string; scopes: readonly string[] },
): { resourceName: string; abilities: string[] } {
  const resource = findResource(settings, identifier)
  const abilities = scopes.map((scope) => (resource ? describeScope(resource, scope) : scope))
  return { resourceName: resource?.name ?? identifier, abilities }
}
