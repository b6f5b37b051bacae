/**
 * Ends a token at its client's wish. The answer is the same whether or not there was one.
 *
 * @see [RFC 7009 §2.1 - Revocation Request](https://www.rfc-editor.org/rfc/rfc7009.html#section-2.1)
 */
import { execute } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import type { GrantCommand } from '../../domain/grant-commands.ts'
import { issuanceDecider } from '../../domain/issuance.ts'
import { authenticateClient } from '../clients/client-authentication.ts'
import { ownerOfRefreshToken } from '../grants/token-owners.ts'
import { Parameters } from '../parameters.ts'
import type { Services } from '../services.ts'
import type { FormRequest } from '../token.ts'
import { accessTokenRef, findAccessToken } from './access-token.ts'
import { refOfToken } from './token-handle.ts'
import { hasTokenShape } from './token-text.ts'

export async function revoke(services: Services, request: FormRequest): Promise<void> {
  const parameters = new Parameters(request.form)
  const { correlationId } = request
  const client = await authenticateClient(services, { ...request, parameters })
  const value = parameters.require('token')
  const found = await findOwnerOf(services, value)
  // Another client's token: as if unknown (RFC 7009 §2.1 asks to refuse, §2.2 not to tell).
  if (!found || found.clientId !== client.clientId) return
  const cause = { actor: `client:${client.clientId}`, correlationId }
  const { grantId, issuanceId } = found
  await execute<string>(services.log, cause, async (work) => {
    if (issuanceId !== undefined) {
      const command = { kind: 'revoke', reason: 'revoked_by_client', now: services.now() } as const
      return work.decide(issuanceDecider, issuanceId, command)
    }
    return work.decide(grantDecider, grantId ?? '', commandFor(services, value))
  })
}

interface Owner {
  readonly clientId: string
  readonly grantId: string | undefined
  readonly issuanceId?: string | undefined
}

async function findOwnerOf(services: Services, value: string): Promise<Owner | undefined> {
  if (hasTokenShape(value, 'refresh')) {
    return ownerOfRefreshToken(services, refOfToken(value))
  }
  return findAccessToken(services, value)
}

/** Of a grant either token takes the whole grant along, unless the setting says otherwise. */
function commandFor({ settings, now }: Services, value: string): GrantCommand {
  if (settings.revokeCascade) return { kind: 'end', reason: 'revoked_by_client', now: now() }
  const tokenHash = accessTokenRef(value)?.hash
  return tokenHash === undefined
    ? { kind: 'revoke refresh token', now: now() }
    : { kind: 'revoke access token', tokenHash, now: now() }
}
