/**
 * Claims that are asked for one by one, for the ID token and for userinfo. What is not known here
 * is left out, and nothing is told that the person has not seen on the consent page.
 *
 *   {"id_token":{"email":{"essential":true}},"userinfo":{"name":null}}
 *
 * @see [OpenID Connect Core 1.0 §5.5 - Requesting Claims](https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter)
 */
import { contextClasses } from '../../config/context-classes.ts'
import type { RequestedClaims } from '../../domain/grant-events.ts'
import { OAuthError } from '../oauth-error.ts'
import { personClaimNames } from '../tokens/person-claims.ts'
import { type ContextTerms, unmetContext } from './authentication-context.ts'

export const claimsCharactersMax = 4096

type Member = { essential?: unknown; value?: unknown; values?: unknown } | null | undefined

export interface ReadClaims {
  readonly claims?: RequestedClaims
  /** The value that `sub` must have. */
  readonly subject?: string
  /** How the person must have proved who they are. */
  readonly context: ContextTerms
}

export function readClaims(text: string | undefined): ReadClaims {
  if (text === undefined) return { context: {} }
  if (text.length > claimsCharactersMax) {
    throw new OAuthError('invalid_request', `claims has over ${claimsCharactersMax} characters`)
  }
  const request = objectOf(parsed(text))
  const [idToken, userinfo] = [objectOf(request.id_token), objectOf(request.userinfo)]
  const claims = { idToken: known(idToken), userinfo: known(userinfo) }
  const subject = textValue(idToken.sub) ?? textValue(userinfo.sub)
  return {
    ...(claims.idToken.length + claims.userinfo.length > 0 ? { claims } : {}),
    ...(subject === undefined ? {} : { subject }),
    context: contextIn(idToken.acr as Member),
  }
}

/** §5.5.1.1: an essential `acr` of certain values is a condition; one that is not here is refused. */
function contextIn(acr: Member): ContextTerms {
  const given = [acr?.value, ...(Array.isArray(acr?.values) ? acr.values : [])]
  const wanted = given.filter((each) => each !== undefined)
  const acrValues = contextClasses.filter((known) => wanted.includes(known))
  if (acr?.essential !== true || wanted.length === 0) {
    return acrValues.length === 0 ? {} : { acrValues }
  }
  if (acrValues.length > 0) return { acrValues, acrEssential: true }
  throw unmetContext()
}

function known(members: Readonly<Record<string, unknown>>): string[] {
  return personClaimNames.filter((name) => Object.hasOwn(members, name))
}

function textValue(member: unknown): string | undefined {
  const value = (member as Member)?.value
  return typeof value === 'string' ? value : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new OAuthError('invalid_request', 'claims is not JSON')
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new OAuthError('invalid_request', 'claims must be an object of objects')
  }
  return value as Record<string, unknown>
}
