/**
 * A device asks whether its person has answered, and gets its tokens when they have approved: once.
 * One that asks too often is told to slow down, and has to wait longer from then on.
 *
 * @see [RFC 8628 §3.4 - Device Access Token Request](https://www.rfc-editor.org/rfc/rfc8628.html#section-3.4)
 * @see [RFC 8628 §3.5 - Device Access Token Response](https://www.rfc-editor.org/rfc/rfc8628.html#section-3.5)
 */
import { findOwnerOfCode } from '../../projections/token-owners.ts'
import {
  type DeviceRequest,
  deniedDeviceKind,
  deviceRequestKind,
} from '../authorization/device-request.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'
import { refOfToken } from '../tokens/token-handle.ts'
import { hasTokenShape } from '../tokens/token-text.ts'
import { type GrantRequest, invalidGrant, type TokenResponse } from './grant-type.ts'
import { deniedToWaiting, requirePatience } from './patience.ts'
import { redeemCode } from './redeem-code.ts'
import { ownerOfCode } from './token-owners.ts'

const pollKind = 'device-poll'
export async function redeemDeviceCode(
  services: Services,
  request: GrantRequest,
): Promise<TokenResponse> {
  const code = request.parameters.require('device_code')
  if (!hasTokenShape(code, 'device')) throw invalidGrant('device code', { reason: 'no code' })
  const ref = refOfToken(code)
  const found = await findOwnerOfCode(services.reader, ref)
  if (found) return redeemCode(services, request, { code, via: 'device_code', found })
  await requireAnswer(services, { codeHash: ref.hash, clientId: request.client.clientId })
  // Approved between the two questions, or its grant has ended.
  const approved = await ownerOfCode(services, ref)
  if (!approved) throw invalidGrant('device code', { reason: 'code unknown' })
  return redeemCode(services, request, { code, via: 'device_code', found: approved })
}

/** @throws {OAuthError} what the device has to know, unless its request is gone */
async function requireAnswer(
  services: Services,
  { codeHash, clientId }: { codeHash: string; clientId: string },
): Promise<void> {
  const { expiring, settings, now } = services
  const [asked, denied] = (await Promise.all([
    expiring.get(deviceRequestKind, codeHash),
    expiring.get(deniedDeviceKind, codeHash),
  ])) as [DeviceRequest | undefined, Pick<DeviceRequest, 'clientId'> | undefined]
  // As if unknown: a code that went astray tells its finder nothing.
  if ((asked ?? denied)?.clientId !== clientId) return
  if (denied) throw deniedToWaiting()
  if (!asked) return
  if (now() >= asked.expiresAt) {
    throw new OAuthError('expired_token', 'Nobody answered in time; ask for a new code')
  }
  const { expiresAt } = asked
  const { intervalSeconds } = settings.device
  await requirePatience(services, { kind: pollKind, id: codeHash, expiresAt, intervalSeconds })
  throw new OAuthError('authorization_pending', 'The person has not answered yet')
}
