/**
 * Better Auth with its OAuth provider plugin on SQLite, with a write-ahead log and
 * `synchronous = FULL`. Its rate limits, which count by address, are off: all load comes from one.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { json } from 'node:stream/consumers'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

const [directory] = process.argv.slice(2)
const database = new DatabaseSync(join(directory, 'better-auth.db'))
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')

const server = createServer()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}`

const options = {
  baseURL: url,
  secret: randomBytes(32).toString('base64url'),
  database,
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  emailAndPassword: { enabled: true },
  disabledPaths: ['/token'],
  plugins: [
    jwt(),
    oauthProvider({
      loginPage: '/sign-in',
      consentPage: '/consent',
      scopes: ['openid', 'offline_access', 'read', 'book'],
      resources: ['https://api.example.com/jwt'],
      clientRegistrationAllowedResources: ['https://api.example.com/jwt'],
      clientRegistrationDefaultResources: ['https://api.example.com/jwt'],
      allowDynamicClientRegistration: true,
      clientPrivileges: () => true,
      silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
    }),
  ],
}
await (await getMigrations(options)).runMigrations()
const auth = betterAuth(options)

/** Clients that may act for themselves are added by code of the operator alone. */
async function addClient(request, response) {
  const headers = fromNodeHeaders(request.headers)
  const added = await auth.api.adminCreateOAuthClient({ headers, body: await json(request) })
  response.end(JSON.stringify(added))
}

const answer = toNodeHandler(auth)
server.on('request', (request, response) => {
  if (request.url !== '/clients') return answer(request, response)
  addClient(request, response).catch((error) => {
    response.statusCode = 500
    response.end(String(error))
  })
})
process.on('SIGTERM', () => process.exit(0))
console.log(`ready ${url}`)
