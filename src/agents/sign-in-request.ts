/**
 * The back channel: a browser has an authorization request open, and an agent answers it from
 * elsewhere. The browser shows an id that stands for its request; whoever holds that id and an
 * agent's secret can say "it is I", once. Nothing is given by it: the browser then shows which
 * agent that is, and the person in front of it, or the agent that steers it, goes on or does not.
 *
 *   pending ─agent answers─▶ authenticated ─browser goes on─▶ completed
 *      └──── time ────▶ expired     └──── browser refuses, or it cannot be given ──▶ error
 *
 * No other browser learns anything of it, and no code is ever told to the agent.
 *
 * @see [RFC 8628 §5.4 - Remote Phishing](https://www.rfc-editor.org/rfc/rfc8628.html#section-5.4)
 */
import { sha256 } from '../domain/keyring.ts'
import {
  type AuthorizationRequest,
  authorizationRequestKind,
  authorizationRequestTtlSeconds,
} from '../protocol/authorization/authorization-request.ts'
import type { Services } from '../protocol/services.ts'
import { agentRequestToken, hasTokenShape } from '../protocol/tokens/token-text.ts'

const kind = 'agent-sign-in'
/** An id is handed on by a program at once, so it need not live as long as the request. */
const handedOnMsMax = 10 * 60 * 1000
/** For so long the browser is told what became of it. */
const toldMs = 10 * 60 * 1000

export type SignInStatus = 'pending' | 'authenticated' | 'completed' | 'error' | 'expired'

/** Which agent answered, by which of its secrets. */
export interface AgentAnswer {
  readonly agentId: string
  readonly handle: string
  readonly secretId: string
  readonly at: number
}

export interface SignInRequest {
  readonly requestId: string
  /** The only browser that is told anything. */
  readonly browser: string
  /** Milliseconds since 1970. */
  readonly endsAt: number
  readonly answer?: AgentAnswer
  readonly outcome?: 'completed' | 'error'
}

/** Opens the request to agents, or finds that it is; for the browser that it belongs to. */
export async function openToAgents(
  services: Services,
  { requestId, browser, receivedAt }: AuthorizationRequest,
): Promise<{ token: string; found: SignInRequest }> {
  const { expiring, keyring, settings, now } = services
  const token = agentRequestToken(keyring, { requestId, browser }, settings.tokenPrefix)
  const id = sha256(token)
  const before = (await expiring.get(kind, id)) as SignInRequest | undefined
  if (before) return { token, found: before }
  const requestEndsAt = receivedAt + authorizationRequestTtlSeconds * 1000
  const endsAt = Math.min(requestEndsAt, now() + handedOnMsMax)
  const found: SignInRequest = { requestId, browser, endsAt }
  await expiring.put({ kind, id, body: found, expiresAt: requestEndsAt + toldMs })
  return { token, found }
}

/** The request of this id, and the client's behind it while it waits. */
export async function findSignIn(
  { expiring }: Pick<Services, 'expiring'>,
  token: string,
): Promise<{ found: SignInRequest; asked: AuthorizationRequest | undefined } | undefined> {
  if (!hasTokenShape(token, 'agent request')) return undefined
  const found = (await expiring.get(kind, sha256(token))) as SignInRequest | undefined
  if (!found) return undefined
  const asked = await expiring.get(authorizationRequestKind, found.requestId)
  return { found, asked: asked as AuthorizationRequest | undefined }
}

export function statusOf(
  { now }: Pick<Services, 'now'>,
  { found, asked }: { found: SignInRequest; asked: AuthorizationRequest | undefined },
): SignInStatus {
  if (found.outcome !== undefined) return found.outcome
  // An agent that answered in time waits for the browser as long as the client's request does.
  if (found.answer && asked) return 'authenticated'
  if (now() >= found.endsAt) return 'expired'
  return asked ? 'pending' : 'error'
}

/** Of many answers one counts; false for all others. */
export async function recordAnswer(
  { expiring }: Services,
  token: string,
  { found, answer }: { found: SignInRequest; answer: AgentAnswer },
): Promise<boolean> {
  const id = sha256(token)
  const ttlSeconds = authorizationRequestTtlSeconds + toldMs / 1000
  if ((await expiring.count(`${kind}-answers`, id, ttlSeconds)) > 1) return false
  return expiring.replace({ kind, id, body: { ...found, answer } })
}

export async function recordOutcome(
  { expiring }: Services,
  token: string,
  { found, outcome }: { found: SignInRequest; outcome: 'completed' | 'error' },
): Promise<void> {
  await expiring.replace({ kind, id: sha256(token), body: { ...found, outcome } })
}
