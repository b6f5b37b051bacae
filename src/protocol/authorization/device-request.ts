/**
 * A device without a browser asks for access. It gets one code to ask again with and another to
 * show; the person types that one in elsewhere. Nobody has proved anything yet, so all of it
 * expires, and nothing enters the log.
 *
 *   device-request   what is asked for, by the hash of the device's code
 *   device-user-code where to find that, by the HMAC of the person's code
 *
 * @see [RFC 8628 §3.1 - Device Authorization Request](https://www.rfc-editor.org/rfc/rfc8628.html#section-3.1)
 * @see [RFC 9396 §2 - Request Parameter "authorization_details"](https://www.rfc-editor.org/rfc/rfc9396.html#section-2)
 * @see [RFC 8628 §5.2 - Device Code Brute Forcing](https://www.rfc-editor.org/rfc/rfc8628.html#section-5.2)
 */
import { deviceCode as deviceCodeGrant } from '../../config/grant-type-settings.ts'
import type { Access } from '../../domain/access.ts'
import { newId } from '../../domain/ids.ts'
import { type Keyring, sha256 } from '../../domain/keyring.ts'
import { authenticateClient } from '../clients/client-authentication.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { OAuthError } from '../oauth-error.ts'
import { Parameters } from '../parameters.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import type { FormRequest } from '../token.ts'
import { newTokenOf } from '../tokens/token-text.ts'
import { askedAccess } from './asked-access.ts'
import { type ContextTerms, withDemands } from './authentication-context.ts'
import { type AuthorizationDetail, readAuthorizationDetails } from './authorization-details.ts'
import { newUserCode, shownUserCode } from './user-code.ts'

export const deviceRequestKind = 'device-request'
export const userCodeKind = 'device-user-code'
export const deniedDeviceKind = 'device-denied'

/** For so long after its end a device is told that its code has expired, and not that there is none. */
const expiryToldMs = 10 * 60 * 1000
/** A code that is being shown already is made anew; more often than this it is no accident. */
const attemptsMax = 5

export interface DeviceRequest extends ContextTerms {
  /** Of the grant that it becomes, where a person approves it. */
  readonly grantId: string
  /** SHA-256 of the device's code, and later the code hash of the grant. */
  readonly deviceHash: string
  readonly userCodeMac: string
  readonly clientId: string
  readonly access: Access[]
  readonly authorizationDetails?: AuthorizationDetail[]
  /** How well and how newly the resources want the person to have signed in. */
  readonly maxAgeSeconds?: number
  readonly receivedAt: number
  /** Milliseconds since 1970; the entry stays a little longer. */
  readonly expiresAt: number
}

export interface DeviceAuthorization {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri: string
  readonly verification_uri_complete: string
  readonly expires_in: number
  readonly interval: number
}

/**
 * @throws {OAuthError} invalid_client, unauthorized_client, invalid_scope, invalid_target,
 * invalid_authorization_details
 */
export async function requestDevice(
  services: Services,
  { form, authorization, certificate }: FormRequest,
): Promise<DeviceAuthorization> {
  const { settings, observations, now } = services
  observations.count('device-requests')
  const parameters = new Parameters(form)
  const client = await authenticateClient(services, { parameters, authorization, certificate })
  if (!isDeviceClient(services, client.metadata.grantTypes)) {
    throw new OAuthError('unauthorized_client', 'The client did not register for devices')
  }
  const terms = readTerms(services, { parameters, client })
  const grantId = newId('grt')
  const deviceCode = newTokenOf(settings.tokenPrefix, 'device', grantId)
  const receivedAt = now()
  const expiresAt = receivedAt + settings.device.codeTtlSeconds * 1000
  const kept = { grantId, deviceHash: sha256(deviceCode), ...terms, receivedAt, expiresAt }
  const userCode = shownUserCode(await keep(services, kept))
  const page = `${settings.issuer}/device`
  return {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${userCode}`,
    expires_in: settings.device.codeTtlSeconds,
    interval: settings.device.intervalSeconds,
  }
}

/** What is asked for, with what the resources demand, as at the authorization endpoint. */
function readTerms(
  { settings }: Services,
  { parameters, client }: { parameters: Parameters; client: KnownClient },
) {
  const access = askedAccess(settings, { parameters, client })
  const resources = access.flatMap(({ resource }) => findResource(settings, resource) ?? [])
  const { authorizationDetailsTypes: typesOfClient } = client.metadata
  const text = parameters.get('authorization_details')
  const details = readAuthorizationDetails(settings, text, { access, typesOfClient })
  const demands: ContextTerms & { maxAgeSeconds?: number } = withDemands({}, resources)
  return {
    clientId: client.clientId,
    access,
    ...(details.length === 0 ? {} : { authorizationDetails: details }),
    ...demands,
  }
}

function isDeviceClient({ settings }: Services, registered: readonly string[]): boolean {
  return settings.grantTypes.includes(deviceCodeGrant) && registered.includes(deviceCodeGrant)
}

/** @returns the code for the person, which no other device shows now */
async function keep(
  { expiring, keyring }: Services,
  given: Omit<DeviceRequest, 'userCodeMac'>,
): Promise<string> {
  const expiresAt = given.expiresAt + expiryToldMs
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const userCode = newUserCode()
    const userCodeMac = macOf(keyring, userCode)
    if (await expiring.get(userCodeKind, userCodeMac)) continue
    const request: DeviceRequest = { ...given, userCodeMac }
    const { deviceHash } = given
    await expiring.put({ kind: deviceRequestKind, id: deviceHash, body: request, expiresAt })
    const body = { deviceHash }
    await expiring.put({ kind: userCodeKind, id: userCodeMac, body, expiresAt: given.expiresAt })
    return userCode
  }
  throw new OAuthError('invalid_request', 'There is no free code; try again')
}

/** The request whose code this is, while somebody may still answer it. */
export async function findDeviceRequest(
  { expiring, keyring, now }: Pick<Services, 'expiring' | 'keyring' | 'now'>,
  userCode: string,
): Promise<DeviceRequest | undefined> {
  for (const version of keyring.versions) {
    const id = macOf(keyring, userCode, version)
    const found = (await expiring.get(userCodeKind, id)) as { deviceHash: string } | undefined
    if (!found) continue
    const request = await expiring.get(deviceRequestKind, found.deviceHash)
    const asked = request as DeviceRequest | undefined
    if (asked?.userCodeMac === id && now() < asked.expiresAt) return asked
  }
  return undefined
}

function macOf(keyring: Keyring, userCode: string, version = keyring.current): string {
  return keyring.mac('user-code', [userCode], version)
}
