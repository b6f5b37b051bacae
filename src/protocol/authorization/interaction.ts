/**
 * An authorization request that a front puts before a person on a page of its own. The front asks
 * what is asked, and answers; each time it says for which request and which browser, because it
 * alone sees the cookie that the request was bound to when it came in.
 *
 *   question ─▶ what is asked, and `shown`: the hash of it for this person
 *   acceptance ─▶ who, when and how they signed in, what they were shown ─▶ the code
 *   denial ─▶ the error for the client
 *
 * @see [RFC 6749 §3.1 - Authorization Endpoint](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1)
 * @see [RFC 7519 §4.1 - Registered Claim Names](https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1)
 * @see [OpenID Connect Core 1.0 §3.1.2.1 - Authentication Request](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { JWTPayload } from 'jose'
import { type FrontWord, hearFront, useOnce } from '../front-key.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { clockSkewSeconds, JwtRefused } from '../signed-jwt.ts'
import { meetsCondition } from './authentication-context.ts'
import { isExpectedPerson, mustSignIn } from './authentication-request.ts'
import { type AuthorizationRequest, findAuthorizationRequest } from './authorization-request.ts'

const about = {
  interaction: Type.String({ maxLength: 100 }),
  /** SHA-256 of the value of the browser's cookie. */
  nonce: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
}

const person = {
  name: Type.Optional(Type.String({ maxLength: 200 })),
  email: Type.Optional(Type.String({ maxLength: 320 })),
  email_verified: Type.Optional(Type.Boolean()),
}

const subject = Type.String({ minLength: 1, maxLength: 255 })

const questionClaims = Type.Object({ ...about, ...person, sub: Type.Optional(subject) })
const denialClaims = Type.Object(about)
const acceptanceClaims = Type.Object({
  ...about,
  ...person,
  sub: subject,
  auth_time: Type.Integer({ minimum: 0 }),
  /** RFC 8176. */
  amr: Type.Array(Type.String({ pattern: '^[a-z0-9_-]{1,32}$' }), { minItems: 1, maxItems: 10 }),
  shown: Type.String({ maxLength: 100 }),
  choices: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 500 }))),
})

/** Whom a front means, and what it says of them. */
export interface FrontPerson {
  readonly subject: string
  readonly name?: string
  readonly email?: string
  readonly emailVerified: boolean
}

export interface Presented {
  readonly interactionId: string
  /** As it came in; nothing is known of it yet. */
  readonly jwt: string | undefined
}

export interface Question {
  readonly asked: AuthorizationRequest
  /** Absent while the front has not signed anybody in. */
  readonly person?: FrontPerson
}

export interface Acceptance {
  readonly asked: AuthorizationRequest
  readonly person: FrontPerson
  /** Milliseconds since 1970. */
  readonly authTime: number
  readonly amr: string[]
  readonly shown: string
  readonly choices: Readonly<Record<string, string>>
}

/** @throws {OAuthError} invalid_token, not_found */
export async function hearQuestion(services: Services, presented: Presented): Promise<Question> {
  const { asked, claims } = await hear(services, 'question', {
    ...presented,
    schema: questionClaims,
  })
  const { sub } = claims
  return { asked, ...(sub === undefined ? {} : { person: personIn({ ...claims, sub }) }) }
}

/** @throws {OAuthError} invalid_token, not_found, login_required */
export async function hearAcceptance(
  services: Services,
  presented: Presented,
): Promise<Acceptance> {
  const schema = acceptanceClaims
  const { asked, claims } = await hear(services, 'acceptance', { ...presented, schema })
  const now = services.now()
  const provedAt = claims.auth_time * 1000
  if (provedAt > now + clockSkewSeconds * 1000) throw notBelieved('auth_time is ahead')
  // Whole seconds, by another clock: what is a little early may be just in time.
  if (mustSignIn(asked, { startedAt: now, authenticatedAt: Math.min(provedAt, now - 1) })) {
    throw new OAuthError('login_required', 'The client wants the person to sign in anew')
  }
  const { amr, shown, choices = {} } = claims
  if (!meetsCondition(asked, amr)) {
    throw new OAuthError('login_required', 'The client wants a better proof of who it is')
  }
  const authTime = Math.min(provedAt, now)
  return { asked, person: personIn(claims), authTime, amr, shown, choices }
}

/** @throws {OAuthError} invalid_token, not_found */
export async function hearDenial(
  services: Services,
  presented: Presented,
): Promise<AuthorizationRequest> {
  return (await hear(services, 'denial', { ...presented, schema: denialClaims })).asked
}

/** The client may have said whom it will have; somebody without an account is not who it means. */
export async function requireExpected(
  services: Services,
  asked: AuthorizationRequest,
  userId: string | undefined,
): Promise<void> {
  if (asked.subject === undefined) return
  if (userId !== undefined && (await isExpectedPerson(services, asked, userId))) return
  throw new OAuthError('login_required', 'The client wants somebody else to sign in')
}

export function emailVerifiedBy({ email, emailVerified }: FrontPerson): string | undefined {
  return emailVerified ? email : undefined
}

/**
 * Another browser's request is told of as little as one that never was. What answers counts once,
 * and is used up by being believed, whatever comes of it.
 */
async function hear<S extends TSchema>(
  services: Services,
  word: FrontWord,
  { interactionId, jwt, schema }: Presented & { readonly schema: S },
): Promise<{ asked: AuthorizationRequest; claims: Static<S> }> {
  const claims = await believed(services, word, jwt)
  if (!Value.Check(schema, claims)) {
    const { path = '' } = Value.Errors(schema, claims).First() ?? {}
    throw notBelieved(`${path.slice(1, 40)} is missing or malformed`)
  }
  const { interaction, nonce } = claims as Static<typeof denialClaims>
  if (interaction !== interactionId) throw notBelieved('it is for another interaction')
  const asked = await findAuthorizationRequest(services, interaction, nonce)
  if (!asked) throw unknownInteraction()
  return { asked, claims }
}

async function believed(
  services: Services,
  word: FrontWord,
  jwt: string | undefined,
): Promise<JWTPayload> {
  if (jwt === undefined) throw notBelieved('it is missing')
  try {
    const claims = await hearFront(services, word, jwt)
    if (word !== 'question') await useOnce(services, claims)
    return claims
  } catch (error) {
    if (error instanceof JwtRefused) throw notBelieved(error.message)
    throw error
  }
}

/** Unknown, expired, answered before, or another browser's. */
export function unknownInteraction(): OAuthError {
  return new OAuthError('not_found', 'This browser has no such interaction')
}

function notBelieved(cause: string): OAuthError {
  const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
  return new OAuthError('invalid_token', 'The word of the front is not accepted', {
    cause,
    headers,
  })
}

function personIn(
  claims: Pick<Static<typeof acceptanceClaims>, 'sub' | 'name' | 'email' | 'email_verified'>,
): FrontPerson {
  const { sub, name, email, email_verified: emailVerified = false } = claims
  return {
    subject: sub,
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    emailVerified,
  }
}
