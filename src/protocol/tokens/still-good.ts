/**
 * What a token needs to be good, read inside a unit of work: from then on nothing of it can end
 * unnoticed before the work is written.
 *
 * @see [RFC 7009 §2.1 - Revocation Request](https://www.rfc-editor.org/rfc/rfc7009.html#section-2.1)
 */
import { apiTokenDecider } from '../../domain/api-token.ts'
import { clientDecider } from '../../domain/client.ts'
import type { Work } from '../../domain/execute.ts'
import { grantDecider } from '../../domain/grant.ts'
import { issuanceDecider } from '../../domain/issuance.ts'
import { userDecider } from '../../domain/user.ts'
import type { LiveToken } from '../../projections/live-tokens.ts'
import { isHolderActive, stillGives } from '../grants/grant-holder.ts'

/** What a token needs to be good. */
export type Authority = Pick<
  LiveToken,
  'apiTokenId' | 'grantId' | 'issuanceId' | 'userId' | 'clientIds'
>

/** What it is used for. */
export type Use = Pick<LiveToken, 'resource' | 'scopes'>

/** False when something that the token needs has been withdrawn. */
export async function isStillGood(work: Work, token: Authority & Use): Promise<boolean> {
  const { apiTokenId, grantId, userId, clientIds } = token
  await work.prefetch([
    ...clientIds.map((id) => [clientDecider, id] as const),
    ...(grantId === undefined ? [] : [[grantDecider, grantId] as const]),
    ...(userId === undefined ? [] : [[userDecider, userId] as const]),
  ])
  const states: { readonly status: string }[] = []
  for (const id of clientIds) states.push(await work.read(clientDecider, id))
  if (grantId !== undefined) {
    const grant = await work.read(grantDecider, grantId)
    states.push(grant)
    // A token of an agent names no person.
    if (grant.status !== 'unknown') {
      if (!(await isHolderActive(work, grant.userId))) return false
      if (!(await stillGives(work, grant, token))) return false
    }
  }
  if (apiTokenId !== undefined) states.push(await work.read(apiTokenDecider, apiTokenId))
  if (userId !== undefined) states.push(await work.read(userDecider, userId))
  for (let id = token.issuanceId; id !== undefined; ) {
    const issuance = await work.read(issuanceDecider, id)
    states.push(issuance)
    id = issuance.status === 'unknown' ? undefined : issuance.parentId
  }
  return states.every(({ status }) => status === 'active')
}
