/**
 * The grant types that can be used here: those that are on, and for which there is what they need.
 *
 * @see [RFC 8414 §2 - Authorization Server Metadata](https://www.rfc-editor.org/rfc/rfc8414.html#section-2)
 */
import { ciba, type GrantTypeName, jwtBearer } from '../config/grant-type-settings.ts'
import type { Settings } from '../config/settings.ts'

type Offering = Pick<Settings, 'grantTypes' | 'operatorGrantTypes' | 'trustedIssuers' | 'ciba'>

/** To anybody; the metadata names the same. */
export function offeredGrantTypes({
  grantTypes,
  trustedIssuers,
  ciba: backChannel,
}: Omit<Offering, 'operatorGrantTypes'>): GrantTypeName[] {
  return grantTypes.filter((type) => {
    if (type === ciba) return backChannel.enabled
    return type !== jwtBearer || trustedIssuers.length > 0
  })
}

/** Those too that are only for clients which an operator added. */
export function allGrantTypes(settings: Offering): GrantTypeName[] {
  const { grantTypes, operatorGrantTypes, trustedIssuers, ciba: backChannel } = settings
  const all = [...new Set<GrantTypeName>([...grantTypes, ...operatorGrantTypes])]
  return offeredGrantTypes({ grantTypes: all, trustedIssuers, ciba: backChannel })
}
