/** What an administrator ends of consents and tokens, and the keys that sign them. */

import { type SigningAlgorithm, signingAlgorithms } from '../domain/signing-key.ts'
import { findApiToken } from '../projections/api-tokens.ts'
import { findClient } from '../projections/clients.ts'
import { findGrant } from '../projections/grants.ts'
import { findListedToken, readPlace } from '../projections/listed-tokens.ts'
import type { Services } from '../protocol/services.ts'
import { revokeApiToken } from '../protocol/tokens/api-tokens.ts'
import { endGrant, endToken } from '../protocol/tokens/end-access.ts'
import { describeKeys, publishNextKey, replaceKeys } from '../protocol/tokens/key-rotation.ts'
import { adminHref } from '../web/admin-frame.tsx'
import { plainText } from '../web/clean-text.ts'
import { type AdminAction, reasonProblem, type Subject } from './admin-action.ts'

function isAlgorithm(name: string): name is SigningAlgorithm {
  return (signingAlgorithms as readonly string[]).includes(name)
}

async function findKeys(services: Services, id: string): Promise<Subject | undefined> {
  if (!isAlgorithm(id)) return undefined
  return { id, name: id, back: '/admin/keys', seen: await signingNow(services, id) }
}

/** The key that signs, and the one that waits. */
async function signingNow(services: Services, algorithm: string): Promise<string> {
  const keys = (await describeKeys(services)).filter((key) => key.algorithm === algorithm)
  return keys
    .filter(({ status }) => status !== 'retired')
    .map(({ keyId, status }) => `${status}:${keyId}`)
    .join(' ')
}

async function activeKey(services: Services, algorithm: string): Promise<string | undefined> {
  const keys = await describeKeys(services)
  return keys.find((key) => key.algorithm === algorithm && key.status === 'active')?.keyId
}

export const accessActions = {
  'end-grant': {
    section: 'grants',
    fields: ['reason'],
    find: async ({ reader }, id) => {
      const grant = await findGrant(reader, id)
      if (!grant) return undefined
      const client = await findClient(reader, grant.clientId)
      const name = plainText(client?.metadata.clientName ?? '') || grant.clientId
      return { id, name, back: adminHref('grant', id) }
    },
    run: async (services, { subject, value, cause }) => {
      const why = value('reason')
      const problem = reasonProblem(why)
      if (problem) return { problem }
      await endGrant(services, subject.id, { why, cause })
      return { goTo: subject.back }
    },
  },
  'end-token': {
    section: 'tokens',
    fields: ['reason'],
    find: async ({ reader, now }, id) => {
      const token = await findListedToken(reader, { ...readPlace(id), now: now() })
      if (!token) return undefined
      const client = plainText(token.clientName) || (token.clientId ?? token.sourceId)
      return { id, name: `${client}, ${token.resource}`, back: '/admin/tokens' }
    },
    run: async (services, { subject, value, cause }) => {
      const why = value('reason')
      const problem = reasonProblem(why)
      if (problem) return { problem }
      const { reader, now } = services
      const token = await findListedToken(reader, { ...readPlace(subject.id), now: now() })
      if (token) await endToken(services, token, { why, cause })
      return { goTo: subject.back }
    },
  },
  'end-api-token': {
    section: 'tokens',
    fields: ['reason'],
    find: async ({ reader }, id) => {
      const token = await findApiToken(reader, id)
      if (!token) return undefined
      return { id, name: plainText(token.name ?? '') || id, back: '/admin/tokens' }
    },
    run: async (services, { subject, value, cause }) => {
      const why = value('reason')
      const problem = reasonProblem(why)
      if (problem) return { problem }
      const asked = { apiTokenId: subject.id, reason: 'revoked_by_admin', why } as const
      await revokeApiToken(services, asked, cause)
      return { goTo: subject.back }
    },
  },
  'publish-key': {
    section: 'keys',
    fields: [],
    find: findKeys,
    run: async (services, { subject: { id, back }, cause }) => {
      if (!isAlgorithm(id)) return { problem: 'not_now' }
      const { outcome } = await publishNextKey(services, id, cause)
      return outcome === 'accepted' ? { goTo: back } : { problem: 'next_key_exists' }
    },
  },
  'replace-keys': {
    section: 'keys',
    fields: [],
    find: findKeys,
    run: async (services, { subject: { id, back, seen }, cause }) => {
      const active = await activeKey(services, id)
      // A second click finds another key there than the one that it was about.
      if (!isAlgorithm(id) || active === undefined || !seen?.includes(active)) {
        return { problem: 'expired' }
      }
      await replaceKeys(services, id, { actor: cause.actor, replacing: active })
      return { goTo: back }
    },
  },
} satisfies Record<string, AdminAction>
