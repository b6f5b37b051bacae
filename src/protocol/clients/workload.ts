/**
 * A program proves which client it is by a token of the platform that it runs on, and holds no
 * secret of its own. The operator says which of a platform's programs is which client; the token
 * stands in the place of the statement that the client would sign itself.
 *
 * @see [RFC 7523 §2.2 - Using JWTs for Client Authentication](https://www.rfc-editor.org/rfc/rfc7523.html#section-2.2)
 */
import type { Settings } from '../../config/settings.ts'
import type { TrustedIssuer } from '../../config/trusted-issuer-settings.ts'
import type { Services } from '../services.ts'
import { unverifiedClaims, verifyJwt } from '../signed-jwt.ts'
import { keysOfIssuer } from '../trusted-issuer-keys.ts'

/** Platforms give tokens for hours; nobody can ask for one that lives for weeks. */
const lifetimeSecondsMax = 24 * 60 * 60

export interface Workload {
  readonly issuer: TrustedIssuer
  readonly subject: string
  readonly clientId: string
}

/** What the token says it is, if the operator knows of it; nothing of it is checked yet. */
export function workloadOf(
  { trustedIssuers }: Pick<Settings, 'trustedIssuers'>,
  jwt: string,
): Workload | undefined {
  const { iss, sub } = unverifiedClaims(jwt) ?? {}
  const issuer = trustedIssuers.find(
    (trusted) => trusted.issuer === iss && trusted.kinds.includes('workload'),
  )
  const known = issuer?.workloads.find(({ subject }) => subject === sub)
  return issuer && known && { issuer, ...known }
}

/** @throws {JwtRefused} unless the platform says so, to this server, now */
export async function checkWorkload(
  services: Services,
  { issuer, subject }: Workload,
  jwt: string,
): Promise<void> {
  await verifyJwt(jwt, (signature) => keysOfIssuer(services, issuer, signature), {
    types: [undefined, 'jwt'],
    issuer: issuer.issuer,
    subject,
    audiences: [issuer.audience ?? services.settings.issuer],
    audienceMayBeList: true,
    lifetimeSecondsMax,
    now: services.now(),
  })
}
