/**
 * What an OpenID provider says of a person: by an ID token whose signature, issuer, audience, times
 * and nonce are checked, and, for what is not in there, by its userinfo endpoint.
 *
 * @see [OpenID Connect Core 1.0 §3.1.3.7 - ID Token Validation](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)
 * @see [OpenID Connect Core 1.0 §5.3.2 - Successful UserInfo Response](https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse)
 */
import * as oauth from 'oauth4webapi'
import type { Upstream } from '../config/upstream-settings.ts'
import type { UpstreamPerson } from './upstream.ts'
import type { UpstreamServer } from './upstream-server.ts'

const subjectCharactersMax = 255

interface Claims extends Readonly<Record<string, unknown>> {
  readonly sub: string
}

/** @throws {Error} when what the service answers proves nothing */
export async function openidPerson(
  upstream: Upstream,
  { server, client, options }: UpstreamServer,
  { response, nonce }: { response: Response; nonce: string },
): Promise<UpstreamPerson> {
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  await oauth.validateApplicationLevelSignature(server, response, options)
  const proved = oauth.getValidatedIdTokenClaims(tokens)
  if (!proved) throw new Error('there is no ID token')
  const claims = await withUserInfo(upstream, proved, async () => {
    const asked = await oauth.userInfoRequest(server, client, tokens.access_token, options)
    return oauth.processUserInfoResponse(server, client, proved.sub, asked)
  })
  return personOf(upstream, { ...claims, ...timesOf(proved) })
}

/** A provider may tell the address and the name only where it is asked for them. */
async function withUserInfo(
  { kind, scopes }: Upstream,
  proved: Claims,
  ask: () => Promise<Claims>,
): Promise<Claims> {
  if (kind !== 'oidc') return proved
  const lacks = (scope: string, claim: string) =>
    scopes.includes(scope) && proved[claim] === undefined
  return lacks('email', 'email') || lacks('profile', 'name')
    ? { ...(await ask()), ...proved }
    : proved
}

/** These are only ever believed from the signed token. */
function timesOf({ amr, auth_time }: Claims) {
  return { amr, auth_time }
}

function personOf({ kind, issuer }: Upstream, claims: Claims): UpstreamPerson {
  const subject = kind === 'telegram_oidc' ? telegramId(claims) : claims.sub
  if (subject === '' || subject.length > subjectCharactersMax) throw new Error('sub is no id')
  const { name, email, amr, auth_time: authTime } = claims
  const username = text(claims.preferred_username)
  const verified = kind === 'oidc' && claims.email_verified === true ? text(email) : ''
  return {
    issuer,
    subject,
    name: text(name) || username,
    label: text(email) || username || text(name) || subject,
    ...(verified === '' ? {} : { verifiedEmail: verified }),
    ...(Array.isArray(amr) ? { amr: amr.map(String) } : {}),
    ...(typeof authTime === 'number' ? { authenticatedAt: authTime * 1000 } : {}),
  }
}

/** The number that Telegram's bots and widgets know the person by too; `sub` is another. */
function telegramId({ id, sub }: Claims): string {
  return id === undefined ? sub : String(id)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim().slice(0, 200) : ''
}
