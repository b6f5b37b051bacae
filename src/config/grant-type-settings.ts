/** Which grant types there are, under their registered names, and which of them are on. */
import { Type } from '@sinclair/typebox'
import { oneOf } from './schema.ts'

export const authorizationCode = 'authorization_code'
export const refreshToken = 'refresh_token'
export const clientCredentials = 'client_credentials'
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code'
export const ciba = 'urn:openid:params:grant-type:ciba'

/** @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2) */
export const grantTypesBuilt = [
  authorizationCode,
  refreshToken,
  clientCredentials,
  deviceCode,
  ciba,
  tokenExchange,
  jwtBearer,
] as const

export type GrantTypeName = (typeof grantTypesBuilt)[number]

export const grantTypesSetting = Type.Array(
  oneOf(grantTypesBuilt, { description: 'One grant type' }),
  {
    minItems: 2,
    maxItems: grantTypesBuilt.length,
    default: [...grantTypesBuilt],
    description:
      'The grant types that the token endpoint knows; the metadata names the same; `urn:openid:params:grant-type:ciba` needs `ciba.enabled` too. `authorization_code` and `refresh_token` are always among them',
  },
)

const forMachines = [clientCredentials, tokenExchange, jwtBearer] as const

export const operatorGrantTypesSetting = Type.Array(
  oneOf(forMachines, { description: 'One grant type' }),
  {
    maxItems: forMachines.length,
    default: [],
    description:
      'Grant types beside `grant_types` that only clients which an operator added may have, workers for instance; no registration gets them, and the metadata does not name them',
  },
)
