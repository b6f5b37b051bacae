/** What an administrator does to apps; the rules are in protocol/clients/operator-clients.ts. */

import { sha256 } from '../domain/keyring.ts'
import {
  addClient,
  ClientAddedAlready,
  type ClientChangeResult,
  deleteClient,
  disableClient,
  enableClient,
  rotateClientSecret,
  showClient,
} from '../protocol/clients/operator-clients.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import type { Services } from '../protocol/services.ts'
import { adminHref } from '../web/admin-frame.tsx'
import { plainText } from '../web/clean-text.ts'
import {
  type AdminAction,
  type Asked,
  type Done,
  newSubject,
  reasonProblem,
  type Subject,
} from './admin-action.ts'

const section = 'clients' as const

async function find(services: Services, id: string): Promise<Subject | undefined> {
  const client = await showClient(services, id)
  if (!client) return undefined
  const { clientName } = client.metadata
  return { id, name: plainText(clientName) || id, back: adminHref('client', id) }
}

const kinds = {
  web: {
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token'],
  },
  native: {
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
  },
  machine: {
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['client_credentials'],
  },
} as const

function kindOf(name: string): (typeof kinds)[keyof typeof kinds] {
  return Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds] : kinds.web
}

async function create(services: Services, { subject, value, cause }: Asked): Promise<Done> {
  const fields = {
    client_name: value('name'),
    redirect_uris: value('redirectUris').split(/\s+/).filter(Boolean),
    scope: value('scope') || undefined,
    ...kindOf(value('kind')),
  }
  const clientId = subject.id
  try {
    const { secret } = await addClient(services, fields, { ...cause, clientId })
    return { clientId, secret }
  } catch (error) {
    if (error instanceof ClientAddedAlready) return { goTo: adminHref('client', clientId) }
    if (!(error instanceof OAuthError)) throw error
    return { problem: 'client_refused', detail: error.message }
  }
}

const hoursMax = 8760
const hourSeconds = 3600

async function rotate(services: Services, { subject, value, cause }: Asked): Promise<Done> {
  const clientId = subject.id
  const hours = value('overlapHours')
  if (!/^\d{1,4}$/.test(hours) || Number(hours) > hoursMax) return { problem: 'overlap_invalid' }
  const client = await showClient(services, clientId)
  const replacing = client?.secretHash
  if (replacing === undefined || markOf(replacing) !== subject.seen) return { problem: 'expired' }
  const overlapSeconds = Number(hours) * hourSeconds
  const result = await rotateClientSecret(services, { clientId, overlapSeconds, replacing }, cause)
  if ('secret' in result) return { clientId, secret: result.secret }
  return { problem: result.reason === 'secret_changed' ? 'expired' : 'not_now' }
}

/** Says which secret is meant, without saying its hash. */
function markOf(secretHash: string): string {
  return sha256(`seen ${secretHash}`)
}

/** What it was to become it is already: the same form came twice, or somebody else was first. */
const soAlready: readonly string[] = [
  'client_already_disabled',
  'client_not_disabled',
  'client_deleted',
  'client_unknown',
]

function doneAs(result: ClientChangeResult, goTo: string): Done {
  if (result.outcome === 'accepted' || soAlready.includes(result.reason)) return { goTo }
  return { problem: 'not_now' }
}

export const clientActions = {
  'create-client': {
    section,
    fields: ['name', 'kind', 'redirectUris', 'scope'],
    find: async (_, id) => newSubject(id, { prefix: 'cli', back: '/admin/clients' }),
    run: create,
  },
  'rotate-secret': {
    section,
    fields: ['overlapHours'],
    find: async (services, id) => {
      const subject = await find(services, id)
      const client = await showClient(services, id)
      if (client?.registeredVia !== 'preregistered' || client.secretHash === undefined) {
        return undefined
      }
      return subject && { ...subject, seen: markOf(client.secretHash) }
    },
    run: rotate,
  },
  'disable-client': {
    section,
    fields: ['reason'],
    find,
    run: async (services, { subject, value, cause }) => {
      const reason = value('reason')
      const problem = reasonProblem(reason)
      if (problem) return { problem }
      const asked = { clientId: subject.id, reason }
      return doneAs(await disableClient(services, asked, cause), subject.back)
    },
  },
  'enable-client': {
    section,
    fields: [],
    find,
    run: async (services, { subject, cause }) =>
      doneAs(await enableClient(services, { clientId: subject.id }, cause), subject.back),
  },
  'delete-client': {
    section,
    fields: [],
    find,
    run: async (services, { subject, cause }) =>
      doneAs(await deleteClient(services, { clientId: subject.id }, cause), '/admin/clients'),
  },
} satisfies Record<string, AdminAction>
