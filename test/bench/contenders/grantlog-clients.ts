/** The clients of a Grantlog server for the benchmark, added as an operator adds them. */
import { join } from 'node:path'
import { addClient } from '../../../src/protocol/clients/operator-clients.ts'
import { type Client, redirectUri } from '../works/party.ts'
import { openSite } from './grantlog-server.ts'

/** Consents are remembered for clients that somebody vouches for: those that an operator added. */
export async function addClients(
  site: Parameters<typeof openSite>[0],
  count: number,
): Promise<Client[]> {
  const { services, close } = await openSite(site)
  const clients: Client[] = []
  for (let number = 1; number <= count; number += 1) {
    const fields = { ...metadataOf(number), scope: 'book read' }
    const { clientId, secret = '' } = await addClient(services, fields, { actor: 'cli' })
    clients.push({ id: clientId, secret })
  }
  await close()
  return clients
}

/** Where a server that adds them itself leaves them. */
export function clientsPath(directory: string): string {
  return join(directory, 'clients.json')
}

export function metadataOf(number: number) {
  return {
    client_name: `Client ${number} of the benchmark`,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
  }
}
