/**
 * A person's answer to a device: one append, that uses the request up and starts the grant whose
 * code the device already holds. So the same form posted twice gives one grant.
 *
 * @see [RFC 8628 §3.3 - User Interaction](https://www.rfc-editor.org/rfc/rfc8628.html#section-3.3)
 * @see [RFC 8628 §5.4 - Remote Phishing](https://www.rfc-editor.org/rfc/rfc8628.html#section-5.4)
 */
import { execute } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import type { ApprovedTerms } from '../../domain/grant-events.ts'
import { userDecider } from '../../domain/user.ts'
import { admitClient } from '../clients/admission.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { accessOfPerson, type Person } from '../who-may.ts'
import { contextClassOf } from './authentication-context.ts'
import type { Approver } from './consent.ts'
import {
  type DeviceRequest,
  deniedDeviceKind,
  deviceRequestKind,
  userCodeKind,
} from './device-request.ts'
import { detailsOn, type Offer } from './offer.ts'

/** What a person gives a device, or may give it. */
export type DeviceOffer = Pick<Offer, 'access' | 'details'>

/** What of that this person may give. */
export function offerTo(
  services: Pick<Services, 'settings'>,
  { access: asked, authorizationDetails = [] }: DeviceRequest,
  person: Person,
): DeviceOffer {
  const { settings } = services
  const access = accessOfPerson(asked, person, (resource) => findResource(settings, resource))
  return { access, details: detailsOn(services, authorizationDetails, access) }
}

/** A device that was approved in the last second is still told so. */
const redemptionMsMin = 2 * 60 * 1000

export interface DeviceAnswer {
  readonly approver: Approver
  /** As the page showed it, with what the person chose. */
  readonly given: DeviceOffer
  readonly correlationId: string
}

/**
 * @returns whether the device has access now
 * @throws {AlreadyConsumed} when the request was answered before
 */
export async function approveDevice(
  services: Services,
  request: DeviceRequest,
  { approver, given, correlationId }: DeviceAnswer,
): Promise<boolean> {
  if (given.access.length === 0) return false
  const { clientId, deviceHash, userCodeMac } = request
  const terms = termsOf(services, request, { ...approver, ...given })
  const cause = { actor: `user:${approver.userId}`, correlationId }
  const { outcome } = await execute<string>(services.log, cause, async (work) => {
    const user = await work.read(userDecider, terms.userId)
    if (user.status !== 'active') return work.reject('user_not_active')
    const admitted = await admitClient(services, work, { clientId, now: terms.at })
    if ('verdict' in admitted) return admitted.verdict
    work.consume(deviceRequestKind, deviceHash)
    work.consume(userCodeKind, userCodeMac)
    return work.decide(grantDecider, terms.grantId, { kind: 'approve', terms })
  })
  return outcome === 'accepted'
}

function termsOf(
  { settings, now }: Services,
  { grantId, clientId, deviceHash: codeHash, expiresAt, acrValues }: DeviceRequest,
  { userId, sessionId, authTime, amr, access, details }: Approver & DeviceOffer,
): ApprovedTerms {
  const at = now()
  const { grantMaxAgeSeconds: maxAge } = settings
  const acr = contextClassOf(amr, acrValues)
  return {
    grantId,
    via: 'device_code',
    ...{ userId, clientId, access, codeHash, authTime, amr, at },
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(acr === undefined ? {} : { acr }),
    ...(details.length === 0 ? {} : { authorizationDetails: [...details] }),
    codeExpiresAt: Math.max(expiresAt, at + redemptionMsMin),
    ...(maxAge === 0 ? {} : { endsAt: at + maxAge * 1000 }),
  }
}

/** Nothing of a denial enters the log: the device learns of it when it next asks. */
export async function denyDevice(
  { expiring, observations }: Pick<Services, 'expiring' | 'observations'>,
  { deviceHash, userCodeMac, clientId, expiresAt }: DeviceRequest,
): Promise<void> {
  const taken = await expiring.take(deviceRequestKind, deviceHash)
  if (taken === undefined) return
  const body = { clientId }
  await expiring.put({ kind: deniedDeviceKind, id: deviceHash, body, expiresAt })
  await expiring.remove(userCodeKind, userCodeMac)
  observations.count('denials')
}
