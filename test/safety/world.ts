/**
 * The server's services on a real store, without HTTP: for tests that need many grants, or that
 * hold the log back. People are made without hashing a password, since nobody signs in here.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultSettings, type GivenSettings } from '../../src/config/settings.ts'
import type { EventLog } from '../../src/domain/event-log.ts'
import { execute } from '../../src/domain/execute.ts'
import { newId } from '../../src/domain/ids.ts'
import { Keyring, sha256 } from '../../src/domain/keyring.ts'
import { userDecider } from '../../src/domain/user.ts'
import {
  keepAuthorizationRequest,
  readAuthorizationRequest,
} from '../../src/protocol/authorization/authorization-request.ts'
import { approve } from '../../src/protocol/authorization/consent.ts'
import { offerFor } from '../../src/protocol/authorization/offer.ts'
import { lookUpClient } from '../../src/protocol/clients/known-client.ts'
import { registerClient } from '../../src/protocol/clients/registration.ts'
import type { TokenResponse } from '../../src/protocol/grants/grant-type.ts'
import type { Services } from '../../src/protocol/services.ts'
import { token } from '../../src/protocol/token.ts'
import { createLogger } from '../../src/runtimes/logger.ts'
import { type OpenServices, openServices } from '../../src/server.ts'
import { newPkce, redirectUri } from '../support/oauth-client.ts'
import type { OperatorClient } from '../support/operator-client.ts'
import { currentRuntime } from '../support/server.ts'

export interface World extends OpenServices {
  readonly databasePath: string
}

export async function openWorld(
  settings: GivenSettings = {},
  clock: () => number = Date.now,
): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantlog-world-'))
  const opened = await openServices({
    settings: defaultSettings({ dataDir, ...settings }),
    keyring: Keyring.parse('a secret for tests, not for anything else'),
    runtime: await currentRuntime(),
    logger: createLogger({ level: 'silent', write: () => {} }),
    clock,
  })
  return {
    ...opened,
    databasePath: join(dataDir, 'grantlog.db'),
    close: async () => {
      await opened.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export const cause = { actor: 'cli', correlationId: 'test' }

export async function newUser({ log, now }: Services): Promise<string> {
  const userId = newId('usr')
  const person = {
    emailKey: sha256(userId),
    email: `${userId}@example.com`,
    emailVerified: true,
    name: 'Zoë \u0000 \ud800 "x"',
  }
  const passwordSecretId = newId('pwd')
  const registration = { ...person, userId, admin: false, passwordSecretId, now: now() }
  await execute<string>(log, cause, (work) => {
    work.keepSecret(passwordSecretId, Buffer.from('no password has this hash'))
    return work.decide(userDecider, userId, { kind: 'register', registration })
  })
  return userId
}

export async function newClient(services: Services): Promise<string> {
  const registered = await registerClient(services, {
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    contacts: ['a@example.com'],
    // Nobody else says the same, so this client is one of its own.
    software_id: newId('sft'),
  })
  return String(registered.client_id)
}

export interface Approved {
  readonly clientId: string
  readonly userId: string
  readonly code: string
  readonly verifier: string
}

/** Asks for an authorization and lets the person approve it. */
export async function consent(
  services: Services,
  { clientId, userId }: { clientId: string; userId: string },
): Promise<Approved | undefined> {
  const { verifier, challenge } = newPkce()
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    nonce: 'a nonce',
  })
  const request = await readAuthorizationRequest(services, query, 'a browser')
  await keepAuthorizationRequest(services, request)
  const approver = {
    userId,
    email: null,
    emailVerifiedAt: null,
    admin: false,
    groups: [],
    sessionId: newId('ses'),
    authTime: services.now(),
    amr: ['pwd'],
  }
  const client = await lookUpClient(services, clientId)
  if (!client) return undefined
  const offer = await offerFor(services, { request, client, person: approver })
  const back = await approve(services, request, {
    ...{ approver, offer, details: offer.details },
    correlationId: 'test',
  })
  const code = back === undefined ? null : new URL(back).searchParams.get('code')
  return code === null ? undefined : { clientId, userId, code, verifier }
}

/** A request that proves nothing beside what its form says. */
export const bareRequest = {
  authorization: undefined,
  method: 'POST',
  urls: [],
  proof: undefined,
  certificate: undefined,
  address: '',
  correlationId: 'test',
}

export function ask(services: Services, form: Record<string, string>): Promise<TokenResponse> {
  return token(services, { form: new URLSearchParams(form), ...bareRequest })
}

/** The same for a client that proves who it is. */
export function askAs(
  services: Services,
  { headers }: OperatorClient,
  form: Record<string, string>,
): Promise<TokenResponse> {
  return token(services, { form: new URLSearchParams(form), ...bareRequest, ...headers })
}

export function redeem(services: Services, { clientId, code, verifier }: Approved) {
  const grant = { grant_type: 'authorization_code', code, code_verifier: verifier }
  return ask(services, { ...grant, client_id: clientId })
}

export function refresh(
  services: Services,
  { clientId, refreshToken }: { clientId: string; refreshToken: string },
) {
  const grant = { grant_type: 'refresh_token', refresh_token: refreshToken }
  return ask(services, { ...grant, client_id: clientId })
}

/** The services, with something done once, just before the next append is tried. */
export function beforeAppend(services: Services, act: () => Promise<unknown>): Services {
  const { log } = services
  let done = false
  const append: EventLog['append'] = async (given) => {
    if (!done) {
      done = true
      await act()
    }
    return log.append(given)
  }
  const held: EventLog = {
    append,
    load: (ids) => log.load(ids),
    read: (query) => log.read(query),
    find: (id) => log.find(id),
    replay: (query) => log.replay(query),
  }
  return { ...services, log: held }
}
