/**
 * The grant types that can be used here: those that are on, and for which there is what they need.
 *
 * @see [RFC 8414 §2 - Authorization Server Metadata](https://www.rfc-editor.org/rfc/rfc8414.html#section-2)
 */
import { ciba, type GrantTypeName, jwtBearer } from '../config/grant-type-settings.ts'
import type { Settings } from '../config/settings.ts'

export function offeredGrantTypes({
  grantTypes,
  trustedIssuers,
  ciba: backChannel,
}: Pick<Settings, 'grantTypes' | 'trustedIssuers' | 'ciba'>): GrantTypeName[] {
  return grantTypes.filter((type) => {
    if (type === ciba) return backChannel.enabled
    return type !== jwtBearer || trustedIssuers.length > 0
  })
}
