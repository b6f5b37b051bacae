/** A client that an operator added, with a secret; not one that registered itself. */
import { clientDecider } from '../../src/domain/client.ts'
import type { ClientMetadata } from '../../src/domain/client-events.ts'
import { execute } from '../../src/domain/execute.ts'
import { newId } from '../../src/domain/ids.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import type { Services } from '../../src/protocol/services.ts'
import { basic, type Registered } from './oauth-client.ts'

export interface OperatorClient extends Registered {
  readonly client_secret: string
  /** What it authenticates with. */
  readonly headers: { readonly authorization: string }
}

export async function addClient(
  { log, now }: Pick<Services, 'log' | 'now'>,
  { clientId = newId('cli'), ...metadata }: Partial<ClientMetadata> & { clientId?: string } = {},
): Promise<OperatorClient> {
  const secret = `secret-of-${clientId}`
  const all: ClientMetadata = {
    clientName: 'Batch',
    redirectUris: [],
    grantTypes: ['client_credentials'],
    responseTypes: [],
    tokenEndpointAuthMethod: 'client_secret_basic',
    applicationType: 'web',
    ...metadata,
  }
  const registration = {
    clientId,
    registeredVia: 'preregistered' as const,
    metadata: all,
    contacts: [],
    ...(all.tokenEndpointAuthMethod === 'none' ? {} : { secretHash: sha256(secret) }),
    now: now(),
  }
  await execute<string>(log, { actor: 'cli', correlationId: 'test' }, (work) =>
    work.decide(clientDecider, clientId, { kind: 'register', registration }),
  )
  const headers = { authorization: basic(clientId, secret) }
  return { client_id: clientId, client_secret: secret, headers }
}

/** Does to a client what operators, and the server by itself, do. */
export async function operate(
  { log, now }: Pick<Services, 'log' | 'now'>,
  clientId: string,
  kind: 'disable' | 'enable' | 'delete' | 'hibernate',
): Promise<void> {
  const command =
    kind === 'disable' ? { kind, reason: 'a test', now: now() } : ({ kind, now: now() } as const)
  await execute<string>(log, { actor: 'cli', correlationId: 'test' }, (work) =>
    work.decide(clientDecider, clientId, command),
  )
}
