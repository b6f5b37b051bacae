/**
 * What a client asks about the person rather than about access: who it must be, how new the proof
 * must be, and what shall be told.
 *
 * `display` is a wish, which nothing here can fulfil; it is let through and left aside, as OpenID
 * Connect Core wants it. Of `acr_values` those are kept that are known here.
 *
 * @see [OpenID Connect Core 1.0 §3.1.2.1 - Authentication Request](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)
 */
import type { RequestedClaims } from '../../domain/grant-events.ts'
import { OAuthError } from '../oauth-error.ts'
import { type Parameters, parseScope } from '../parameters.ts'
import type { Services } from '../services.ts'
import { clockSkewSeconds } from '../signed-jwt.ts'
import { readIdTokenHint } from '../tokens/id-token-hint.ts'
import { subjectForClient } from '../tokens/subject.ts'
import { type ContextTerms, isContextClass } from './authentication-context.ts'
import { readClaims } from './claims-parameter.ts'

export const nonceCharactersMax = 512
const loginHintCharactersMax = 320
const uiLocalesCharactersMax = 200

export interface AuthenticationTerms extends ContextTerms {
  readonly nonce?: string
  /** `login` asks for a new sign-in even when there is a session. */
  readonly prompt: string[]
  readonly maxAgeSeconds?: number
  readonly loginHint?: string
  /** The one person that the client will have, in its own spelling of them. */
  readonly subject?: string
  readonly claims?: RequestedClaims
  /** Languages for the pages, the best first: BCP 47 tags with spaces between. */
  readonly uiLocales?: string
}

export async function readAuthentication(
  services: Services,
  parameters: Parameters,
  clientId: string,
): Promise<AuthenticationTerms> {
  const prompt = parseScope(parameters.get('prompt'))
  if (prompt.includes('none') && prompt.length > 1) {
    throw new OAuthError('invalid_request', 'prompt=none cannot be combined')
  }
  const maxAge = parameters.get('max_age')
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) {
    throw new OAuthError('invalid_request', 'max_age must be a number of seconds')
  }
  const nonce = parameters.get('nonce')
  if ((nonce?.length ?? 0) > nonceCharactersMax) {
    throw new OAuthError('invalid_request', `nonce has over ${nonceCharactersMax} characters`)
  }
  const loginHint = parameters.get('login_hint')?.slice(0, loginHintCharactersMax)
  const uiLocales = parameters.get('ui_locales')?.slice(0, uiLocalesCharactersMax)
  const { claims, subject: claimed, context } = readClaims(parameters.get('claims'))
  const hinted = await readHint(services, parameters, { clientId, prompt })
  if (claimed !== undefined && hinted !== undefined && claimed !== hinted) {
    throw new OAuthError('invalid_request', 'claims and id_token_hint name different people')
  }
  const subject = claimed ?? hinted
  const wished = parseScope(parameters.get('acr_values')).filter(isContextClass)
  return {
    prompt,
    ...(maxAge === undefined ? {} : { maxAgeSeconds: Number(maxAge) }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(loginHint === undefined ? {} : { loginHint }),
    ...(subject === undefined ? {} : { subject }),
    ...(claims === undefined ? {} : { claims }),
    ...(uiLocales === undefined ? {} : { uiLocales }),
    ...(wished.length === 0 ? {} : { acrValues: wished }),
    ...context,
  }
}

/**
 * A hint may be older than the key that signed it. Where a person can sign in it is then as good
 * as none; with `prompt=none` it would let anybody pass for the one who was meant.
 */
async function readHint(
  services: Services,
  parameters: Parameters,
  { clientId, prompt }: { clientId: string; prompt: readonly string[] },
): Promise<string | undefined> {
  const text = parameters.get('id_token_hint')
  const hint = await readIdTokenHint(services, text)
  if (hint?.clientId === clientId) return hint.subject
  if (text !== undefined && prompt.includes('none')) {
    throw new OAuthError('login_required', 'The ID token does not say who has to be signed in')
  }
  return undefined
}

/** Whether this session is enough, or the request asks for a newer proof of who it is. */
export function mustSignIn(
  { prompt, maxAgeSeconds, receivedAt }: AuthenticationTerms & { readonly receivedAt: number },
  session: Proved | undefined,
): boolean {
  if (!session) return true
  const anew = prompt.includes('login') || prompt.includes('select_account')
  const { startedAt, authenticatedAt } = session
  // Another service said when, by its own clock.
  const skew = authenticatedAt < startedAt ? clockSkewSeconds * 1000 : 0
  const provedAt = authenticatedAt + skew
  if (anew && (startedAt < receivedAt || provedAt < receivedAt)) return true
  return maxAgeSeconds !== undefined && provedAt < receivedAt - maxAgeSeconds * 1000
}

interface Proved {
  readonly startedAt: number
  readonly authenticatedAt: number
}

/** Whether this is the person that the client will have, if it will have only one. */
export async function isExpectedPerson(
  services: Services,
  { subject, clientId }: AuthenticationTerms & { readonly clientId: string },
  userId: string,
): Promise<boolean> {
  if (subject === undefined) return true
  return subject === (await subjectForClient(services, { userId, clientId }))
}
