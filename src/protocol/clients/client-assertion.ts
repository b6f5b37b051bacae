/**
 * private_key_jwt: a client proves who it is by a short statement that it signs, each time a new
 * one. Nothing that could be stolen from this server, or from the request, works a second time.
 *
 * @see [RFC 7523 §3 - JWT Format and Processing Requirements](https://www.rfc-editor.org/rfc/rfc7523.html#section-3)
 * @see [OpenID Connect Core 1.0 §9 - Client Authentication](https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication)
 */
import { prefixOf } from '../../config/metadata-settings.ts'
import type { Settings } from '../../config/settings.ts'
import { sha256 } from '../../domain/keyring.ts'
import type { Services } from '../services.ts'
import { clockSkewSeconds, JwtRefused, unverifiedClaims } from '../signed-jwt.ts'
import { verifyClientJwt } from './client-keys.ts'
import type { KnownClient } from './known-client.ts'
import { checkWorkload, workloadOf } from './workload.ts'

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const lifetimeSecondsMax = 10 * 60
const idCharactersMax = 256

/** Whose statement it says to be; nothing of it is checked yet. */
export function clientIdOfAssertion(settings: Settings, assertion: string): string | undefined {
  const workload = workloadOf(settings, assertion)
  if (workload) return workload.clientId
  const subject = unverifiedClaims(assertion)?.sub
  return typeof subject === 'string' && subject !== '' ? subject : undefined
}

/** @throws {JwtRefused} unless this client signed it, for this server, just now, and only for this */
export async function checkClientAssertion(
  services: Services,
  client: KnownClient,
  assertion: string,
): Promise<void> {
  const { clientId, metadata } = client
  const workload = workloadOf(services.settings, assertion)
  if (workload?.clientId === clientId) return checkWorkload(services, workload, assertion)
  const claims = await verifyClientJwt(
    services,
    { client, jwt: assertion },
    {
      // RFC 7523 leaves `typ` out, libraries write JWT, its successor has a name of its own.
      types: [undefined, 'jwt', 'client-authentication+jwt'],
      subject: clientId,
      audiences: audiencesOf(services.settings),
      lifetimeSecondsMax,
      ...(metadata.tokenEndpointAuthSigningAlg === undefined
        ? {}
        : { algorithm: metadata.tokenEndpointAuthSigningAlg }),
    },
  )
  const { jti, exp = 0 } = claims
  if (typeof jti !== 'string' || jti === '' || jti.length > idCharactersMax) {
    throw new JwtRefused('jti is missing')
  }
  const livesSeconds = Math.ceil(exp - services.now() / 1000) + clockSkewSeconds
  const id = sha256(JSON.stringify([clientId, jti]))
  const uses = await services.expiring.count('client-assertion', id, livesSeconds)
  if (uses > 1) throw new JwtRefused('jti was used before')
}

/** What a client may call this server by: its issuer, and what ChatGPT sends instead. */
function audiencesOf(settings: Settings): string[] {
  const { issuer, apiUrl, metadata, ciba } = settings
  if (!settings.tokenEndpointAudience) return [issuer]
  const paths = [metadata.endpoints, metadata.openidEndpoints]
  // CIBA §7.1 has its own endpoint named too.
  const endpoints = ciba.enabled ? ['token', 'bc-authorize'] : ['token']
  const urls = endpoints.flatMap((e) => paths.map((path) => `${apiUrl}${prefixOf(path)}/${e}`))
  return [issuer, ...urls]
}
