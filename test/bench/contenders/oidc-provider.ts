/** node-oidc-provider with a durable adapter; see `peers/oidc-provider-server.mjs`. */
import { Browser } from '../works/browser.ts'
import { enrol, type Unfilled } from '../works/enrol.ts'
import { oauthWorkers } from '../works/oauth-works.ts'
import { redirectUri } from '../works/party.ts'
import type { Contender } from './contender.ts'
import { startPeer } from './node-peer.ts'

export const oidcProvider: Contender = {
  name: 'oidc-provider',
  label: 'node-oidc-provider, SQLite',
  // It keeps nothing of a JWT, and introspects none.
  works: [
    ...(['introspection', 'refresh', 'client-credentials'] as const),
    ...(['code-flow', 'registration', 'revocation'] as const),
  ],
  async start({ connections: count }) {
    const child = await startPeer('oidc-provider-server.mjs')
    try {
      const party = unfilled(child.url)
      const browser = new Browser(child.url)
      const actors = await enrol(party, { count, approve: (path) => browser.follow(path) })
      const filled = { ...party, actors, cookie: browser.cookie }
      return {
        url: child.url,
        processIds: [child.pid],
        workersFor: (work, seconds) => oauthWorkers(filled, { work, seconds }),
        stop: child.stop,
      }
    } catch (error) {
      await child.stop()
      throw error
    }
  },
}

function unfilled(url: string): Unfilled {
  return {
    url,
    endpoints: {
      authorize: '/auth',
      token: '/token',
      introspect: '/token/introspection',
      revoke: '/token/revocation',
      register: '/reg',
    },
    asked: { scope: 'read' },
    askedForItself: { scope: 'read' },
    registration: (number) => ({
      headers: {},
      metadata: {
        client_name: `Client ${number} of the benchmark`,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    }),
  }
}
