/**
 * The least that a server in this runtime can do and still answer: reads the form, hashes the token,
 * looks it up in a map, and answers the JSON that Grantlog answers. No client, no check, no disk.
 */
import { createHash, randomBytes } from 'node:crypto'

const tokensMax = 1024
const now = Math.floor(Date.now() / 1000)
const tokens = Array.from({ length: tokensMax }, () => randomBytes(32).toString('base64url'))
const known = new Map(tokens.map((token) => [hashOf(token), { sub: 'usr_1', client_id: 'cli_1' }]))

const server: Bun.Server<undefined> = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  development: false,
  routes: {
    '/tokens': () => Response.json(tokens),
    '/oauth/introspect': {
      POST: async (request) => {
        const form = new URLSearchParams(await request.text())
        const found = known.get(hashOf(form.get('token') ?? ''))
        return Response.json(found ? described(found) : { active: false })
      },
    },
    '/api/verify': (request) => {
      const token = (request.headers.get('authorization') ?? '').slice('Bearer '.length)
      const found = known.get(hashOf(token))
      if (!found) return Response.json({ error: 'invalid_token' }, { status: 401 })
      const headers = { 'X-Auth-Subject': found.sub, 'X-Auth-Client': found.client_id }
      return Response.json({ allowed: true }, { headers })
    },
  },
})
console.log(`ready http://127.0.0.1:${server.port}`)

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

function described(found: { sub: string; client_id: string }) {
  const scope = 'book read'
  const terms = { iss: server.url.origin, aud: server.url.origin, ...found, scope }
  return { active: true, ...terms, iat: now, exp: now + 3600, token_type: 'Bearer' }
}
