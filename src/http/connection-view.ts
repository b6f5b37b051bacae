/** What a person reads of one thing that they connected: in the words of its resources. */

import { readCalls } from '../audit/grant-calls.ts'
import type { Settings } from '../config/settings.ts'
import type { Access } from '../domain/access.ts'
import { findClient } from '../projections/clients.ts'
import type { Connection } from '../protocol/authorization/connected-apps.ts'
import type { Timeline } from '../protocol/authorization/grant-timeline.ts'
import { describeScope, findResource } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import type { ShownConnection } from '../web/connected-apps.tsx'

export function shownConnection(settings: Settings, connection: Connection): ShownConnection {
  const { access } = connection
  const resources = access.map(({ resource }) => findResource(settings, resource)?.name ?? resource)
  return {
    ...connection,
    resourceName: resources.join(' · '),
    abilities: [...new Set(access.flatMap((a) => abilitiesAt(settings, a)))],
    state: connection.status,
  }
}

function abilitiesAt(settings: Settings, { resource: identifier, scopes }: Access): string[] {
  const resource = findResource(settings, identifier)
  return scopes.map((scope) => (resource ? describeScope(resource, scope) : scope))
}

/** What the log says of one that is in no table any more. */
export async function endedConnection(
  { reader, settings }: Services,
  { terms }: Timeline,
): Promise<ShownConnection> {
  const { grantId, clientId, access, at: connectedAt } = terms
  const client = await findClient(reader, clientId)
  const names = access.map(({ resource }) => findResource(settings, resource)?.name ?? resource)
  return {
    grantId,
    clientId,
    clientName: client?.metadata.clientName ?? '',
    resourceName: names.join(' · '),
    abilities: [],
    connectedAt,
    lastUsedAt: undefined,
    state: 'ended',
    isUnused: false,
  }
}

export function shownResource(settings: Settings, access: Access) {
  const { resource: identifier, scopes } = access
  const words = abilitiesAt(settings, access)
  return {
    name: findResource(settings, identifier)?.name ?? identifier,
    identifier,
    abilities: scopes.map((scope, index) => ({
      scope,
      description: words[index] ?? scope,
      // No scope has a space in it.
      value: `${scope} ${identifier}`,
    })),
  }
}

/** @param grantId of a grant that was found to be the person's own */
export async function shownCalls({ reader, settings }: Services, grantId: string, before?: string) {
  const page = await readCalls(reader, { grantId, before })
  const calls = page.calls.map(({ resource, at: madeAt, ...call }) => ({
    ...{ ...call, madeAt },
    at: findResource(settings, resource)?.name ?? resource,
  }))
  return { calls, callsBefore: page.before }
}
