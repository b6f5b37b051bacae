/** One thing for an administrator to look at: an app, a person, a consent, the server itself. */
import packageJson from '../../package.json' with { type: 'json' }
import { settingsInForce } from '../config/settings-table.ts'
import { signingAlgorithms } from '../domain/signing-key.ts'
import { findPasskeysOf, findTotp } from '../projections/authenticators.ts'
import { findClient } from '../projections/clients.ts'
import { countAll, countIdleClients } from '../projections/counts.ts'
import { countWaitingTools } from '../projections/gateway-tools.ts'
import { findGrant, findGrantTimes } from '../projections/grants.ts'
import { findIdentitiesOf } from '../projections/identities.ts'
import { findUser } from '../projections/users.ts'
import { idleSeconds } from '../protocol/clients/hibernation.ts'
import { showClient } from '../protocol/clients/operator-clients.ts'
import type { Services } from '../protocol/services.ts'
import { describeKeys } from '../protocol/tokens/key-rotation.ts'
import { clientPage, grantPage, userPage } from '../web/admin-details.tsx'
import { keysPage, overviewPage, settingsPage } from '../web/admin-server.tsx'
import { type AdminVisit, newestEvents, pageOrNothing } from './admin-gate.ts'

const weekMs = 7 * 24 * 60 * 60 * 1000

export async function showOneClient(visit: AdminVisit): Promise<Response> {
  const { services, query, shell } = visit
  const clientId = query.get('id') ?? ''
  const client = await showClient(services, clientId)
  if (!client) return pageOrNothing(visit, undefined)
  const events = await newestEvents(services, `client/${clientId}`)
  return pageOrNothing(visit, clientPage({ ...shell, client, events }))
}

export async function showOneUser(visit: AdminVisit): Promise<Response> {
  const { services, query, shell } = visit
  const userId = query.get('id') ?? ''
  const user = await findUser(services.reader, userId)
  if (!user) return pageOrNothing(visit, undefined)
  const { reader } = services
  const events = await newestEvents(services, `user/${userId}`, `authenticators/${userId}`)
  const identities = await findIdentitiesOf(reader, userId)
  const passkeys = await findPasskeysOf(reader, userId)
  const codes = (await findTotp(reader, userId)) !== undefined
  const secondFactor = { passkeys: passkeys.length, codes }
  return pageOrNothing(visit, userPage({ ...shell, user, identities, secondFactor, events }))
}

/** One that has ended too, because what happened to it is what somebody comes to read. */
export async function showOneGrant(visit: AdminVisit): Promise<Response> {
  const { services, query, shell } = visit
  const { reader } = services
  const grantId = query.get('id') ?? ''
  const [found, times] = [await findGrant(reader, grantId), await findGrantTimes(reader, grantId)]
  const grant = found && times && { ...found, ...times }
  const events = await newestEvents(services, `grant/${grantId}`)
  if (events.length === 0) return pageOrNothing(visit, undefined)
  const user = grant && (await findUser(reader, grant.userId))
  const client = grant && (await findClient(reader, grant.clientId))
  const html = grantPage({
    ...shell,
    grantId,
    grant,
    person: {
      userId: grant?.userId,
      userName: user?.name ?? undefined,
      email: user?.email ?? undefined,
    },
    clientName: client?.metadata.clientName ?? '',
    events,
  })
  return pageOrNothing(visit, html)
}

export async function showOverview(visit: AdminVisit): Promise<Response> {
  const { services, shell } = visit
  const { reader, log, settings, now } = services
  const counts = await countAll(reader, now())
  const since = now() - idleSeconds(settings) * 1000 + weekMs
  const [newest] = await log.read({ order: 'newest first', limit: 1 })
  const keys = await keysByAlgorithm(services)
  const html = overviewPage({
    ...shell,
    counts,
    attention: {
      disabledClients: counts.disabledClients,
      disabledUsers: counts.disabledUsers,
      clientsAsleepSoon: await countIdleClients(reader, since),
      toolsWaiting: await countWaitingTools(reader),
      loneAdmin: counts.admins.count === 1,
      keys: keys.flatMap(({ algorithm, nextAt }) =>
        nextAt !== undefined && nextAt < now() + weekMs ? [{ algorithm, at: nextAt }] : [],
      ),
    },
    server: {
      version: packageJson.version,
      issuer: settings.issuer,
      database: inForce(services).find(({ name }) => name === 'database_url')?.value ?? '',
      events: newest?.position ?? 0,
    },
  })
  return pageOrNothing(visit, html)
}

export async function showKeys(visit: AdminVisit): Promise<Response> {
  const algorithms = await keysByAlgorithm(visit.services)
  return pageOrNothing(visit, keysPage({ ...visit.shell, algorithms }))
}

async function keysByAlgorithm(services: Services) {
  const { rotateAfterSeconds, publishAheadSeconds } = services.settings.keys
  const all = await describeKeys(services)
  return signingAlgorithms.map((algorithm) => {
    const keys = all.filter((key) => key.algorithm === algorithm)
    const next = keys.find(({ status }) => status === 'published')
    const active = keys.find(({ status }) => status === 'active')
    const nextAt = next
      ? next.changedAt + publishAheadSeconds * 1000
      : active && active.changedAt + rotateAfterSeconds * 1000
    return { algorithm, keys, nextAt }
  })
}

export async function showSettings(visit: AdminVisit): Promise<Response> {
  const { services, shell } = visit
  return pageOrNothing(visit, settingsPage({ ...shell, settings: inForce(services) }))
}

function inForce({ settings, originOf = () => undefined }: Services) {
  return settingsInForce({ settings, originOf })
}
