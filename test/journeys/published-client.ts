/**
 * A client that is known by its document, and signs with keys at a URL: the server must ask a site
 * for both, over https, whichever program runs it.
 */
import { DemoPerson } from '../../src/cli/demo-person.ts'
import { assertionOf, newKey } from '../support/client-assertion.ts'
import { publishClient } from '../support/client-document.ts'
import type { DocumentServer } from '../support/document-server.ts'
import { authorizationUrl, newPkce, post, redirectUri } from '../support/oauth-client.ts'
import { expect } from '../support/test.ts'
import { admin, type Site } from './whole-flow.ts'

/** What lets the program ask that site, in its environment. */
export function outboundEnv({ host, authorityFile }: DocumentServer): Record<string, string> {
  return { GRANTLOG_OUTBOUND_ALLOWED_HOSTS: host, GRANTLOG_OUTBOUND_CA_FILE: authorityFile }
}

export async function publishedClientFlow(server: Site, site: DocumentServer): Promise<void> {
  const { privateKey, publicJwk } = await newKey('ES256')
  site.put('/jwks.json', { body: JSON.stringify({ keys: [publicJwk] }) })
  const { client_id } = publishClient(site, {
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: `${site.url}/jwks.json`,
  })
  const { verifier, challenge } = newPkce()
  const url = authorizationUrl(server, client_id, { code_challenge: challenge })
  const back = await new DemoPerson(server.url, admin).answer(url)
  const form = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    code_verifier: verifier,
    redirect_uri: redirectUri,
    ...(await assertionOf(server, { client_id, privateKey, alg: 'ES256' })),
  }
  expect((await post(server, '/oauth/token', { form })).status).toBe(200)
  // What no setting allows is refused by every program: this machine, by name and by address.
  for (const host of ['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]']) {
    const asked = authorizationUrl(server, `https://${host}/client.json`)
    expect((await fetch(asked, { redirect: 'manual' })).status).toBe(400)
  }
}
