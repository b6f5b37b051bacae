/** A web application that an operator added: it has a secret, and people who consent to it. */
import { clientDecider } from '../../src/domain/client.ts'
import type { ClientMetadata } from '../../src/domain/client-events.ts'
import { execute } from '../../src/domain/execute.ts'
import { findClient } from '../../src/projections/clients.ts'
import {
  type Authorized,
  basic,
  post,
  type Registered,
  redirectUri,
  type Tokens,
} from './oauth-client.ts'
import { addClient, type OperatorClient } from './operator-client.ts'
import type { TestServer } from './server.ts'

/** `none` as its method gives one that cannot prove itself. */
export function addWebClient(
  { services }: Pick<TestServer, 'services'>,
  described: Partial<ClientMetadata> = {},
): Promise<OperatorClient> {
  return addClient(services, { ...metadata, ...described })
}

const metadata: Partial<ClientMetadata> = {
  clientName: 'Dashboard',
  redirectUris: [redirectUri],
  grantTypes: ['authorization_code', 'refresh_token'],
  responseTypes: ['code'],
}

/** From now on it may be answered at one more address. */
export async function addRedirectUri(
  { services: { log, now, reader } }: Pick<TestServer, 'services'>,
  clientId: string,
): Promise<void> {
  const client = await findClient(reader, clientId)
  if (!client) throw new Error(`Cannot change "${clientId}": there is no such client`)
  const redirectUris = [...client.metadata.redirectUris, 'https://dashboard.example/callback']
  const command = {
    kind: 'change metadata' as const,
    metadata: { ...client.metadata, redirectUris },
    contacts: [],
    now: now(),
  }
  await execute<string>(log, { actor: 'cli', correlationId: 'test' }, (work) =>
    work.decide(clientDecider, clientId, command),
  )
}

/** Redeems a code as the client that it was given to. */
export function redeemAs(
  server: Pick<TestServer, 'url'>,
  { client_id, client_secret = '' }: Pick<Registered, 'client_id' | 'client_secret'>,
  { code, pkce }: Pick<Authorized, 'code' | 'pkce'>,
) {
  return post<Tokens>(server, '/oauth/token', {
    form: { grant_type: 'authorization_code', code, code_verifier: pkce.verifier },
    headers: { authorization: basic(client_id, client_secret) },
  })
}
