/** Steps of a random workload: what clients, people and operators do, sensible or not. */
import { type ClientCommand, clientDecider } from '../../src/domain/client.ts'
import type { ClientMetadata } from '../../src/domain/client-events.ts'
import { AlreadyConsumed } from '../../src/domain/event-log.ts'
import { execute } from '../../src/domain/execute.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import { newId } from '../../src/domain/ids.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { sessionDecider } from '../../src/domain/session.ts'
import { type UserCommand, userDecider } from '../../src/domain/user.ts'
import { deleteAccount } from '../../src/identity/delete-account.ts'
import { findGrantsOf } from '../../src/projections/grants.ts'
import { OAuthError } from '../../src/protocol/oauth-error.ts'
import { revoke } from '../../src/protocol/tokens/revoke.ts'
import { redirectUri } from '../support/oauth-client.ts'
import { addClient } from '../support/operator-client.ts'
import { jobSteps } from './job-workload.ts'
import { one, type Refreshable, type Step, type Steps } from './workload-step.ts'
import { askAs, bareRequest, cause, consent, newClient, newUser, redeem, refresh } from './world.ts'

const steps = {
  ...jobSteps,
  async 'register a person'(to) {
    to.users.push(await newUser(to.services))
  },
  async 'register a client'(to) {
    to.clients.push(await newClient(to.services))
  },
  async consent(to, pick) {
    const [clientId, userId] = [one(to.clients, pick), one(to.users, pick)]
    if (!clientId || !userId) return
    const approved = await consent(to.services, { clientId, userId })
    if (approved) to.approved.push(approved)
  },
  async redeem(to, pick) {
    const approved = one(to.approved, pick % 3)
    if (!approved) return
    keep(to, approved.clientId, await redeem(to.services, approved))
  },
  async rotate(to, pick) {
    const from = one(to.refreshable, pick % 3)
    if (from) keep(to, from.clientId, await refresh(to.services, from))
  },
  async 'repeat at once'(to, pick) {
    const from = one(to.refreshable, pick)
    if (!from) return
    const both = [refresh(to.services, from), refresh(to.services, from)]
    for (const answer of await Promise.allSettled(both)) {
      if (answer.status === 'fulfilled') keep(to, from.clientId, answer.value)
    }
  },
  async 'replay late'(to, pick) {
    to.later(11_000)
    const from = to.refreshable[pick % Math.max(1, to.refreshable.length)]
    if (from) await refresh(to.services, from)
  },
  revoke: (to, pick) => revokeOne(to, one(to.refreshable, pick)),
  'revoke an access token': (to, pick) => revokeOne(to, one(to.accessTokens, pick)),
  'disable a person': (to, pick) =>
    onUser(to, pick, { kind: 'disable', reason: 'why not', now: to.services.now() }),
  'enable a person': (to, pick) => onUser(to, pick, { kind: 'enable', now: to.services.now() }),
  'change a password'(to, pick) {
    const passwordSecretId = newId('pwd')
    return onUser(to, pick, { kind: 'set password', passwordSecretId, now: to.services.now() })
  },
  async 'change an address'(to, pick) {
    const address = `${newId('adr')}@é.example`
    const email = { emailKey: sha256(address), email: address, emailVerified: pick % 2 === 0 }
    await onUser(to, pick, { kind: 'change e-mail', ...email, now: to.services.now() })
    const verify = { kind: 'verify e-mail', emailKey: email.emailKey } as const
    return onUser(to, pick, { ...verify, now: to.services.now() })
  },
  'call a person otherwise': (to, pick) =>
    onUser(to, pick, { kind: 'rename', name: `Zoë ${pick} \u0000`, now: to.services.now() }),
  async 'delete a person'(to, pick) {
    const userId = one(to.users, pick)
    if (userId && pick > 15) await deleteAccount(to.services, userId, cause)
  },
  'disable a client': (to, pick) =>
    onClient(to, pick, { kind: 'disable', reason: 'why not', now: to.services.now() }),
  'enable a client': (to, pick) => onClient(to, pick, { kind: 'enable', now: to.services.now() }),
  "change a client's metadata"(to, pick) {
    const metadata: ClientMetadata = {
      clientName: `Zoë ${pick} \u0000 \ud800`,
      redirectUris: [redirectUri, `https://app.example/${pick}`],
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
      tokenEndpointAuthMethod: pick % 5 === 0 ? 'client_secret_basic' : 'none',
      applicationType: 'web',
    }
    const change = { metadata, contacts: [`${pick}@é`] }
    return onClient(to, pick, { kind: 'change metadata', ...change, now: to.services.now() })
  },
  'delete a client': (to, pick) =>
    pick > 15 ? onClient(to, pick, { kind: 'delete', now: to.services.now() }) : undefined,
  async 'start a session'(to, pick) {
    const userId = one(to.users, pick)
    if (!userId) return
    const sessionId = newId('ses')
    const now = to.services.now()
    const proof = { tokenHash: sha256(sessionId), amr: ['pwd'], userAgent: 'ü', address: '::1' }
    const start = { sessionId, userId, ...proof, now, expiresAt: now + 1_000 }
    await execute<string>(to.services.log, cause, (work) =>
      work.decide(sessionDecider, sessionId, { kind: 'start', start }),
    )
    to.sessions.push(sessionId)
  },
  'end a session'(to, pick) {
    const sessionId = one(to.sessions, pick)
    if (!sessionId) return
    const command = { kind: 'end', reason: 'signed_out', now: to.services.now() } as const
    return execute<string>(to.services.log, cause, (work) =>
      work.decide(sessionDecider, sessionId, command),
    )
  },
  async 'add a machine'(to) {
    to.machines.push(
      await addClient(to.services, {
        scope: 'read book',
        grantTypes: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      }),
    )
  },
  async 'issue to a machine'(to, pick) {
    const holder = one(to.machines, pick % 2)
    if (!holder) return
    const given = await askAs(to.services, holder, { grant_type: 'client_credentials' })
    to.issued.push({ holder, accessToken: given.access_token })
  },
  async 'hand a token on'(to, pick) {
    const [holder, from] = [one(to.machines, pick), one(pick % 3 ? to.accessTokens : [], pick)]
    const subject = from?.refreshToken ?? one(to.issued, pick)?.accessToken
    if (!holder || subject === undefined) return
    const given = await askAs(to.services, holder, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subject,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    })
    to.issued.push({ holder, accessToken: given.access_token })
  },
  async 'revoke an issuance'(to, pick) {
    const held = one(to.issued, pick)
    if (!held) return
    const form = new URLSearchParams({ token: held.accessToken })
    await revoke(to.services, { form, ...bareRequest, ...held.holder.headers })
  },
  async 'take something back'(to, pick) {
    const userId = one(to.approved, pick)?.userId
    const [grant] = userId ? await findGrantsOf(to.services.reader, userId) : []
    if (!grant) return
    const { grantId } = grant
    await execute<string>(to.services.log, cause, async (work) => {
      const grant = await work.read(grantDecider, grantId)
      const access = grant.status === 'unknown' ? [] : grant.access
      const less = access.map((a) => ({ ...a, scopes: a.scopes.slice(pick % 2) }))
      const now = to.services.now()
      return work.decide(grantDecider, grantId, { kind: 'narrow', access: less, now })
    })
  },
  wait: (to, pick) => to.later(pick * 400_000),
} satisfies Record<string, Step>

export type StepName = keyof typeof steps

export const stepNames = Object.keys(steps) as StepName[]

/** Does one step; that it is refused is fine, that it fails is not. */
export async function step(to: Steps, { name, pick }: { name: StepName; pick: number }) {
  try {
    const run: Step = steps[name]
    await run(to, pick)
  } catch (error) {
    if (!(error instanceof OAuthError || error instanceof AlreadyConsumed)) throw error
  }
}

function keep(
  to: Steps,
  clientId: string,
  given: { access_token: string; refresh_token?: string },
) {
  to.accessTokens.push({ clientId, refreshToken: given.access_token })
  if (given.refresh_token) to.refreshable.push({ clientId, refreshToken: given.refresh_token })
}

async function revokeOne(to: Steps, held: Refreshable | undefined): Promise<void> {
  if (!held) return
  const form = new URLSearchParams({ client_id: held.clientId, token: held.refreshToken })
  await revoke(to.services, { form, ...bareRequest })
}

async function onUser(to: Steps, pick: number, command: UserCommand): Promise<void> {
  const id = one(to.users, pick)
  if (id)
    await execute<string>(to.services.log, cause, (work) => work.decide(userDecider, id, command))
}

async function onClient(to: Steps, pick: number, command: ClientCommand): Promise<void> {
  const id = one(to.clients, pick)
  if (id)
    await execute<string>(to.services.log, cause, (work) => work.decide(clientDecider, id, command))
}
