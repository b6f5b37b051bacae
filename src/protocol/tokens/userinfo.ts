/**
 * Claims about the person, for a token that carries `openid`.
 *
 * @see [OpenID Connect Core 1.0 §5.3 - UserInfo Endpoint](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)
 */

import type { Resource } from '../../config/resource-settings.ts'
import type { Presented } from '../presented.ts'
import { allResources } from '../resources.ts'
import type { Services } from '../services.ts'
import { requirePerson, requireToken } from './bearer.ts'
import { personClaims } from './person-claims.ts'
import { subjectForClient } from './subject.ts'

export async function userinfo(
  services: Services,
  { presented, path }: { presented: Presented; path: string },
): Promise<Record<string, unknown>> {
  const resources = allResources(services.settings) as [Resource, ...Resource[]]
  const token = await requireToken(services, presented, { resources, scopes: ['openid'] })
  const { userId, clientId, scopes } = requirePerson(token)
  const sub = await subjectForClient(services, { userId, clientId })
  const asked = { scopes, names: token.claims?.userinfo ?? [] }
  const claims = await personClaims(services, userId, asked)
  if (!services.settings.userinfoMinimalPaths.includes(path)) return { sub, ...claims }
  return claims.email === undefined ? { sub } : { sub, email: claims.email }
}
