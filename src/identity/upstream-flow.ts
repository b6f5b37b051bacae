/**
 * The way to another service and back, for one browser.
 *
 *   start ─ an entry under the hash of `state` ─▶ the service's authorization endpoint
 *   back  ─ same browser, same upstream, first time ─▶ code ⇒ tokens ⇒ who it is there
 *
 * The PKCE verifier and the nonce are HMACs of `state`, so the entry holds no secret, and nothing
 * of one way can be used on another.
 *
 * @see [RFC 9700 §4.4 - Mix-Up Attacks](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.4)
 * @see [RFC 9207 §2.4 - Validating Responses](https://www.rfc-editor.org/rfc/rfc9207.html#section-2.4)
 * @see [RFC 7636 §4.1 - Client Creates a Code Verifier](https://www.rfc-editor.org/rfc/rfc7636.html#section-4.1)
 */
import { randomBytes } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import type { Upstream } from '../config/upstream-settings.ts'
import { type Keyring, sha256 } from '../domain/keyring.ts'
import type { Services } from '../protocol/services.ts'
import { findUpstream, type UpstreamPerson, UpstreamRefused } from './upstream.ts'
import { githubPerson } from './upstream-github.ts'
import { openidPerson } from './upstream-openid.ts'
import { upstreamServer } from './upstream-server.ts'

const journeyKind = 'upstream-journey'
const journeySeconds = 10 * 60

/** What the person was about to do when they left. */
export interface Errand {
  /** The authorization request that waits for them. */
  readonly request?: string | undefined
  /** A page of theirs. */
  readonly next?: string | undefined
  /** The session of the person who wants to link an identity; absent where somebody signs in. */
  readonly linkFor?: string
}

export interface Journey {
  readonly upstream: string
  readonly browser: string
  readonly errand: Errand
  /** What the service shall ask of the person though it knows them. */
  readonly prompt?: 'login' | 'select_account'
}

/** @returns the `state` by which the journey is known */
export async function startJourney(services: Services, journey: Journey): Promise<string> {
  const state = randomBytes(32).toString('base64url')
  const expiresAt = services.now() + journeySeconds * 1000
  await services.expiring.put({ kind: journeyKind, id: sha256(state), body: journey, expiresAt })
  return state
}

/** The journey that this state belongs to, in this browser and no other. */
export async function findJourney(
  { expiring }: Pick<Services, 'expiring'>,
  state: string | null,
  browser: string,
): Promise<Journey | undefined> {
  if (state === null) return undefined
  const journey = (await expiring.get(journeyKind, sha256(state))) as Journey | undefined
  return journey?.browser === browser ? journey : undefined
}

/**
 * Where the browser goes now.
 * @throws {UpstreamRefused} when the service cannot be asked
 */
export async function authorizationUrl(
  services: Services,
  journey: Journey,
  state: string,
): Promise<{ url: string; upstream: Upstream }> {
  const upstream = requiredUpstream(services, journey)
  const { server, redirectUri } = await orRefused(() => upstreamServer(services, upstream))
  const url = URL.parse(server.authorization_endpoint ?? '')
  if (!url) throw new UpstreamRefused('upstream_failed', 'it has no authorization endpoint')
  const { verifier, nonce } = secretsOf(services.keyring, state)
  const parameters = {
    response_type: 'code',
    client_id: upstream.clientId,
    redirect_uri: redirectUri,
    scope: upstream.scopes.join(' '),
    state,
    code_challenge: sha256(verifier),
    code_challenge_method: 'S256',
    ...(upstream.kind === 'github' ? {} : { nonce }),
    ...(journey.prompt === undefined || upstream.kind === 'github'
      ? {}
      : { prompt: journey.prompt }),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return { url: url.href, upstream }
}

/**
 * Uses the journey up, and finds out who it is that came back.
 * @throws {UpstreamRefused}
 */
export async function finishJourney(
  services: Services,
  journey: Journey,
  parameters: URLSearchParams,
): Promise<{ upstream: Upstream; person: UpstreamPerson }> {
  const state = parameters.get('state') ?? ''
  const upstream = requiredUpstream(services, journey)
  if (!(await services.expiring.take(journeyKind, sha256(state)))) {
    throw new UpstreamRefused('upstream_expired', 'the answer was used already')
  }
  const { verifier, nonce } = secretsOf(services.keyring, state)
  const person = await orRefused(async () => {
    const known = await upstreamServer(services, upstream)
    const { server, client, authentication, redirectUri, options } = known
    const checked = oauth.validateAuthResponse(server, client, parameters, state)
    const response = await oauth.authorizationCodeGrantRequest(
      ...[server, client, authentication, checked, redirectUri, verifier, options],
    )
    return upstream.kind === 'github'
      ? githubPerson(known, response)
      : openidPerson(upstream, known, { response, nonce })
  })
  return { upstream, person }
}

function secretsOf(keyring: Keyring, state: string): { verifier: string; nonce: string } {
  return {
    verifier: keyring.mac('upstream', ['verifier', state]),
    nonce: keyring.mac('upstream', ['nonce', state]),
  }
}

function requiredUpstream(services: Services, journey: Journey): Upstream {
  const upstream = findUpstream(services, journey.upstream)
  if (upstream) return upstream
  throw new UpstreamRefused('upstream_failed', `${journey.upstream} is not in the settings now`)
}

async function orRefused<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const denied =
      error instanceof oauth.AuthorizationResponseError ? error.error === 'access_denied' : false
    throw new UpstreamRefused(denied ? 'upstream_denied' : 'upstream_failed', error)
  }
}
