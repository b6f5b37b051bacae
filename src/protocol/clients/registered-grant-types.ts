/**
 * Which grant types a client may use: what it asked for, as far as it is offered to its kind.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
import {
  authorizationCode,
  ciba,
  clientCredentials,
  deviceCode,
  type GrantTypeName,
  jwtBearer,
  refreshToken,
  tokenExchange,
} from '../../config/grant-type-settings.ts'
import type { Settings } from '../../config/settings.ts'
import { OAuthError } from '../oauth-error.ts'
import { allGrantTypes, offeredGrantTypes } from '../offered-grant-types.ts'

/** A refresh token comes with every consent, so a client need not have asked for it. */
const withConsent: readonly string[] = [authorizationCode, deviceCode, ciba]

/** Whoever cannot authenticate gets nothing by these. */
const needsProof: readonly string[] = [clientCredentials, tokenExchange, jwtBearer, ciba]

/**
 * Grant types that are not offered are left out, not refused: clients list what others know.
 * @throws {OAuthError} invalid_client_metadata when none is left
 */
export function readGrantTypes(
  settings: Settings,
  asked: readonly string[] = [authorizationCode],
  { isPublic, byOperator }: { isPublic: boolean; byOperator: boolean },
): string[] {
  // Whoever has it may put questions before people at any time.
  const mayAskAnybody = byOperator || settings.ciba.openRegistration
  const isOffered = (type: GrantTypeName) =>
    !(isPublic && needsProof.includes(type)) && (type !== ciba || mayAskAnybody)
  const grantTypes = byOperator ? allGrantTypes(settings) : offeredGrantTypes(settings)
  const given = grantTypes.filter((type) => asked.includes(type) && isOffered(type))
  const asksPeople = given.some((type) => withConsent.includes(type))
  const own: GrantTypeName[] = given.filter((type) => type !== refreshToken)
  if (own.length === 0) {
    const words = 'grant_types must include one that is offered to this client'
    throw new OAuthError('invalid_client_metadata', words)
  }
  return grantTypes.filter((type) => own.includes(type) || (asksPeople && type === refreshToken))
}
