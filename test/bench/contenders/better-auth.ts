/** Better Auth's OAuth provider; see `peers/better-auth-server.mjs`. */
import { Browser } from '../works/browser.ts'
import { bodyOf, clientOf, enrol, type Unfilled } from '../works/enrol.ts'
import { oauthWorkers } from '../works/oauth-works.ts'
import { redirectUri } from '../works/party.ts'
import type { Contender } from './contender.ts'
import { person } from './grantlog-server.ts'
import { startPeer } from './node-peer.ts'

const scope = 'read offline_access'

export const betterAuth: Contender = {
  name: 'better-auth',
  label: 'Better Auth, SQLite',
  works: [
    ...(['introspection', 'jwt-introspection', 'refresh', 'client-credentials'] as const),
    ...(['code-flow', 'registration', 'revocation'] as const),
  ],
  async start({ connections: count, works }) {
    const child = await startPeer('better-auth-server.mjs')
    try {
      const browser = new Browser(child.url)
      await postJson(browser, '/api/auth/sign-up/email', { ...person, name: 'Ada' })
      const party = unfilled(child.url, browser.cookie)
      const resource = 'https://api.example.com/jwt'
      const actors = await enrol(party, {
        count,
        approve: (path) => browser.follow(path, (page) => consent(browser, page)),
        register: async (number) => {
          const { metadata } = party.registration(number)
          const client = { ...metadata, client_credentials_scopes: ['read'] }
          return clientOf(await postJson(browser, '/clients', client))
        },
        ...(works.includes('jwt-introspection') ? { askedForJwt: { scope, resource } } : {}),
      })
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

/** What its consent page would do when the person says yes. */
async function consent(browser: Browser, page: URL): Promise<string | undefined> {
  if (page.pathname !== '/consent') return undefined
  const answer = { accept: true, oauth_query: page.search.slice(1) }
  return String((await postJson(browser, '/api/auth/oauth2/consent', answer)).url)
}

async function postJson(browser: Browser, path: string, body: object) {
  const headers = { 'content-type': 'application/json', origin: browser.site }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  return bodyOf(await browser.open(path, init))
}

/** It takes registrations of confidential clients from people who are signed in. */
function unfilled(url: string, cookie: string): Unfilled {
  return {
    url,
    endpoints: {
      authorize: '/api/auth/oauth2/authorize',
      token: '/api/auth/oauth2/token',
      introspect: '/api/auth/oauth2/introspect',
      revoke: '/api/auth/oauth2/revoke',
      register: '/api/auth/oauth2/register',
    },
    asked: { scope },
    askedForItself: { scope: 'read' },
    registration: (number) => ({
      headers: { cookie, origin: url },
      metadata: {
        client_name: `Client ${number} of the benchmark`,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
        scope: 'read book offline_access',
      },
    }),
  }
}
