/**
 * A client that sent a person a question elsewhere asks whether they have answered, and gets its
 * tokens when they have approved: once. One that asks too often is told to slow down, and has to
 * wait longer from then on.
 *
 * @see [RFC 8628 §3.4 - Device Access Token Request](https://www.rfc-editor.org/rfc/rfc8628.html#section-3.4)
 * @see [RFC 8628 §3.5 - Device Access Token Response](https://www.rfc-editor.org/rfc/rfc8628.html#section-3.5)
 * @see [OpenID Connect CIBA Core 1.0 §10.1 - Token Request Using CIBA Grant Type](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#token_request)
 * @see [OpenID Connect CIBA Core 1.0 §11 - Token Error Response](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#token_error_response)
 */
import {
  backChannelDeniedKind,
  backChannelRequestKind,
} from '../authorization/back-channel-question.ts'
import { deniedDeviceKind, deviceRequestKind } from '../authorization/device-request.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { refOfToken } from '../tokens/token-handle.ts'
import { hasTokenShape } from '../tokens/token-text.ts'
import { type GrantRequest, type GrantType, invalidGrant } from './grant-type.ts'
import { requirePatience } from './patience.ts'
import { redeemCode } from './redeem-code.ts'
import { ownerOfCode, ownerOfLiveCode } from './token-owners.ts'

/** How the code of one way is presented, and where its request waits. */
interface Way {
  readonly parameter: string
  /** What the client is told is not valid. */
  readonly name: string
  readonly shape: 'device' | 'back channel'
  readonly via: 'device_code' | 'ciba'
  readonly requestKind: string
  readonly deniedKind: string
  readonly pollKind: string
  readonly intervalSeconds: (settings: Services['settings']) => number
}

/** What waits, or waited until the person said no. */
interface Waiting {
  readonly clientId: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export const redeemDeviceCode = redeeming({
  parameter: 'device_code',
  name: 'device code',
  shape: 'device',
  via: 'device_code',
  requestKind: deviceRequestKind,
  deniedKind: deniedDeviceKind,
  pollKind: 'device-poll',
  intervalSeconds: ({ device }) => device.intervalSeconds,
})

export const redeemBackChannel = redeeming({
  parameter: 'auth_req_id',
  name: 'auth_req_id',
  shape: 'back channel',
  via: 'ciba',
  requestKind: backChannelRequestKind,
  deniedKind: backChannelDeniedKind,
  pollKind: 'back-channel-poll',
  intervalSeconds: ({ ciba }) => ciba.intervalSeconds,
})

function redeeming(way: Way): GrantType {
  const { parameter, name, shape, via } = way
  return async (services: Services, request: GrantRequest) => {
    const code = request.parameters.require(parameter)
    if (!hasTokenShape(code, shape)) throw invalidGrant(name, { reason: 'not of its shape' })
    const ref = refOfToken(code)
    const found = await ownerOfLiveCode(services, ref)
    if (found) return redeemCode(services, request, { code, via, found })
    await requireAnswer(services, way, { id: ref.hash, clientId: request.client.clientId })
    // Approved between the two questions, or its grant has ended.
    const approved = await ownerOfCode(services, ref)
    if (!approved) throw invalidGrant(name, { reason: 'unknown' })
    return redeemCode(services, request, { code, via, found: approved })
  }
}

/** @throws {OAuthError} what the client has to know, unless its request is gone */
async function requireAnswer(
  services: Services,
  { requestKind, deniedKind, pollKind, intervalSeconds }: Way,
  { id, clientId }: { id: string; clientId: string },
): Promise<void> {
  const { expiring, settings, now } = services
  const [asked, denied] = (await Promise.all([
    expiring.get(requestKind, id),
    expiring.get(deniedKind, id),
  ])) as [Waiting | undefined, Waiting | undefined]
  // As if unknown: a code that went astray tells its finder nothing.
  if ((asked ?? denied)?.clientId !== clientId) return
  // What RFC 6749 says at the authorization endpoint is a 400 here.
  if (denied) throw new OAuthError('access_denied', 'The person said no', { status: 400 })
  if (!asked) return
  const { expiresAt } = asked
  if (now() >= expiresAt) {
    throw new OAuthError('expired_token', 'Nobody answered in time; ask anew')
  }
  const poll = { kind: pollKind, id, expiresAt, intervalSeconds: intervalSeconds(settings) }
  await requirePatience(services, poll)
  throw new OAuthError('authorization_pending', 'The person has not answered yet')
}
