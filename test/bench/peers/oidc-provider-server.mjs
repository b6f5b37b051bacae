/**
 * node-oidc-provider with what its documents call for in production: a durable adapter, keys of its
 * own, no interactions for development. It keeps everything in SQLite with a write-ahead log and
 * `synchronous = FULL`, so that an answer is on disk before it is given, as Grantlog's is.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { join } from 'node:path'
import Provider from 'oidc-provider'
import { sqliteAdapter } from './sqlite-adapter.mjs'

const [directory] = process.argv.slice(2)
const resource = 'https://api.example.com/mcp'
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const server = createServer()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}`

const provider = new Provider(url, {
  adapter: sqliteAdapter(join(directory, 'provider.db')),
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  scopes: ['openid', 'offline_access'],
  ttl: { AccessToken: 3600, ClientCredentials: 3600, AuthorizationCode: 600 },
  // Every refresh rotates, whoever asks: its default rotates for public clients alone.
  rotateRefreshToken: true,
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'read book',
        audience: resource,
        accessTokenTTL: 3600,
        accessTokenFormat: 'opaque',
      }),
    },
  },
})

/** The person says yes to everything: what is measured comes after. */
async function answerInteraction(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') {
    const result = { login: { accountId: 'ada', remember: true } }
    return provider.interactionFinished(request, response, result)
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
  grant.addResourceScope(resource, 'read book')
  const result = { consent: { grantId: await grant.save() } }
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
}

const answer = provider.callback()
server.on('request', (request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response)
  answerInteraction(request, response).catch((error) => {
    response.statusCode = 500
    response.end(String(error))
  })
})
process.on('SIGTERM', () => process.exit(0))
console.log(`ready ${url}`)
