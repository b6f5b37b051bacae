/**
 * Which clients are one party, so that nobody else can come under their name, and of which of them
 * it is known who that party is. A public client that runs on people's own machines is neither:
 * its id says nothing about which program, on which machine, is asking.
 *
 * @see [RFC 6749 §10.2 - Client Impersonation](https://www.rfc-editor.org/rfc/rfc6749.html#section-10.2)
 */
import type { KnownClient } from './known-client.ts'
import { isLoopback } from './redirect-uri.ts'

type Client = Pick<KnownClient, 'clientId' | 'registeredVia' | 'metadata'>

/** Whether only one party can use a code that goes there. */
export function isOneParty(client: Client, redirectUri: string): boolean {
  if (client.metadata.tokenEndpointAuthMethod !== 'none') return true
  return client.registeredVia === 'document' && isAtOwnSite(client, redirectUri)
}

/** Anybody can register under any name; an operator, and a site of one's own, vouch for it. */
export function isAssured(client: Client, redirectUri: string): boolean {
  return client.registeredVia !== 'dynamic' && isOneParty(client, redirectUri)
}

/** The answer goes to the site where the client's document stands. */
function isAtOwnSite({ clientId }: Client, redirectUri: string): boolean {
  const { protocol, origin } = new URL(redirectUri)
  return protocol === 'https:' && !isLoopback(redirectUri) && origin === new URL(clientId).origin
}
