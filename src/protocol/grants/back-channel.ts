/**
 * A client asks whether the person that it meant has answered, and gets its tokens when they have
 * approved: once. One that asks too often is told to slow down.
 *
 * @see [OpenID Connect CIBA Core 1.0 §10.1 - Token Request Using CIBA Grant Type](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#token_request)
 * @see [OpenID Connect CIBA Core 1.0 §11 - Token Error Response](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#token_error_response)
 */
import { findOwnerOfCode } from '../../projections/token-owners.ts'
import {
  type BackChannelRequest,
  backChannelDeniedKind,
  backChannelRequestKind,
} from '../authorization/back-channel-question.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { refOfToken } from '../tokens/token-handle.ts'
import { hasTokenShape } from '../tokens/token-text.ts'
import { type GrantRequest, invalidGrant, type TokenResponse } from './grant-type.ts'
import { deniedToWaiting, requirePatience } from './patience.ts'
import { redeemCode } from './redeem-code.ts'
import { ownerOfCode } from './token-owners.ts'

const what = 'auth_req_id'

export async function redeemBackChannel(
  services: Services,
  request: GrantRequest,
): Promise<TokenResponse> {
  const code = request.parameters.require('auth_req_id')
  if (!hasTokenShape(code, 'back channel')) throw invalidGrant(what, { reason: 'no id' })
  const ref = refOfToken(code)
  const found = await findOwnerOfCode(services.reader, ref)
  if (found) return redeemCode(services, request, { code, via: 'ciba', found })
  await requireAnswer(services, { codeHash: ref.hash, clientId: request.client.clientId })
  // Approved between the two questions, or its grant has ended.
  const approved = await ownerOfCode(services, ref)
  if (!approved) throw invalidGrant(what, { reason: 'id unknown' })
  return redeemCode(services, request, { code, via: 'ciba', found: approved })
}

/** @throws {OAuthError} what the client has to know, unless its request is gone */
async function requireAnswer(
  services: Services,
  { codeHash: id, clientId }: { codeHash: string; clientId: string },
): Promise<void> {
  const { expiring, settings, now } = services
  const [asked, denied] = (await Promise.all([
    expiring.get(backChannelRequestKind, id),
    expiring.get(backChannelDeniedKind, id),
  ])) as [BackChannelRequest | undefined, Pick<BackChannelRequest, 'clientId'> | undefined]
  // As if unknown: an id that went astray tells its finder nothing.
  if ((asked ?? denied)?.clientId !== clientId) return
  if (denied) throw deniedToWaiting()
  if (!asked) return
  const { expiresAt } = asked
  if (now() >= expiresAt) {
    throw new OAuthError('expired_token', 'Nobody answered in time; ask anew')
  }
  const { intervalSeconds } = settings.ciba
  await requirePatience(services, { kind: 'back-channel-poll', id, expiresAt, intervalSeconds })
  throw new OAuthError('authorization_pending', 'The person has not answered yet')
}
