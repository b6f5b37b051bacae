/**
 * Another service by which people sign in, over HTTP on this machine: an OpenID provider, and
 * beside it what GitHub has instead. It checks what it is sent as a good one would, and can be told
 * to answer as a bad one.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import type { GivenSettings } from '../../src/config/settings.ts'

export interface Person {
  readonly sub: string
  readonly [claim: string]: unknown
}

/** What the provider does otherwise than it should. */
export interface Mischief {
  readonly claims?: JWTPayload
  /** Puts this in the place of the ID token. */
  readonly idToken?: (claims: JWTPayload) => string | Promise<string>
  readonly answer?: Record<string, string>
  readonly userInfo?: Record<string, unknown>
}

export interface Provider {
  readonly url: string
  readonly host: string
  /** Who is signed in there. */
  person: Person
  /** Further claims of the ID token that a good provider may send, such as `amr`. */
  told: JWTPayload
  /** What the userinfo endpoint adds. */
  userInfo: Record<string, unknown>
  /** What GitHub answers at /user/emails. */
  emails: Record<string, unknown>[]
  mischief: Mischief
  /** Whether the person is shown a page where they allow it or do not, as in a real browser. */
  asksPerson: boolean
  /** The parameters of every authorization request so far. */
  readonly asked: URLSearchParams[]
  stop(): Promise<void>
}

const clientId = 'grantlog-at-provider'
const clientSecret = 'a secret of the client: with + and %'

interface Asked {
  readonly query: URLSearchParams
  readonly person: Person
}

export async function startProvider(): Promise<Provider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'first', alg: 'ES256', use: 'sig' }]
  const codes = new Map<string, Asked>()
  const tokens = new Map<string, Person>()

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', provider.url)
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(200, metadataOf(provider.url))
      case '/jwks':
        return json(200, { keys })
      case '/authorize':
      case '/login/oauth/authorize': {
        if (provider.asksPerson && !url.searchParams.has('allowed')) {
          return response.writeHead(200, { 'content-type': 'text/html' }).end(questionPage(url))
        }
        provider.asked.push(url.searchParams)
        const code = randomBytes(16).toString('hex')
        codes.set(code, { query: url.searchParams, person: provider.person })
        const back = new URL(url.searchParams.get('redirect_uri') ?? '')
        const state = url.searchParams.get('state') ?? ''
        const iss = url.pathname === '/authorize' ? { iss: provider.url } : {}
        const answer = { code, state, ...iss, ...provider.mischief.answer }
        for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value)
        return response.writeHead(302, { location: back.href }).end()
      }
      case '/token':
      case '/login/oauth/access_token': {
        const form = await formOf(request)
        const asked = codes.get(form.get('code') ?? '')
        codes.delete(form.get('code') ?? '')
        const isOpenid = url.pathname === '/token'
        const proved = isOpenid ? hasBasic(request) : form.get('client_secret') === clientSecret
        if (!asked || !proved || !isRedeemable(form, asked)) {
          return json(isOpenid ? 400 : 200, { error: 'invalid_grant' })
        }
        const token = randomBytes(16).toString('hex')
        tokens.set(token, asked.person)
        const idToken = isOpenid ? { id_token: await idTokenFor(provider, asked, privateKey) } : {}
        return json(200, { access_token: token, token_type: 'bearer', ...idToken })
      }
      default: {
        const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
        const person = tokens.get(token)
        if (!person) return json(401, { error: 'invalid_token' })
        if (url.pathname === '/userinfo') return json(200, userInfoOf(provider, person))
        if (url.pathname === '/api/v3/user') return json(200, person)
        if (url.pathname === '/api/v3/user/emails') return json(200, provider.emails)
        return json(404, {})
      }
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const provider: Provider = {
    url: `http://localhost:${port}`,
    host: `localhost:${port}`,
    person: { sub: 'person-1' },
    told: {},
    userInfo: {},
    emails: [],
    mischief: {},
    asksPerson: false,
    asked: [],
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return provider
}

export type GivenUpstream = NonNullable<GivenSettings['upstreams']>[number]

/** The settings of a server where people may sign in by this provider, called `provider`. */
export function upstreamsAt(
  { url, host }: Provider,
  ...others: readonly GivenUpstream[]
): GivenSettings {
  const registered = { id: 'provider', name: 'Provider', clientId, clientSecret, issuer: url }
  const all = others.length === 0 ? [{}] : others
  return {
    upstreams: all.map((other) => ({ ...registered, ...other })),
    outbound: { allowedHosts: [host] },
  }
}

/** Allowing leads back here; not allowing leads to the client, as GitHub and others send people. */
function questionPage(asked: URL): string {
  const allowed = new URL(asked)
  allowed.searchParams.set('allowed', 'yes')
  const denied = new URL(asked.searchParams.get('redirect_uri') ?? '')
  denied.searchParams.set('error', 'access_denied')
  denied.searchParams.set('error_description', 'The user has denied your application access.')
  denied.searchParams.set('state', asked.searchParams.get('state') ?? '')
  const link = ({ href }: URL, text: string) =>
    `<a href="${href.replaceAll('&', '&amp;')}">${text}</a>`
  return `<!doctype html><link rel="icon" href="data:,"><title>Service</title>
    ${link(allowed, 'Authorize')} ${link(denied, 'Cancel')}`
}

function metadataOf(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
    authorization_response_iss_parameter_supported: true,
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let body = ''
  for await (const chunk of request) body += chunk
  return new URLSearchParams(body)
}

/** RFC 6749 §2.3.1: id and secret are form-encoded first. */
function hasBasic({ headers }: IncomingMessage): boolean {
  const text = Buffer.from((headers.authorization ?? '').slice('Basic '.length), 'base64')
  const [id = '', secret = ''] = text.toString().split(':').map(formDecoded)
  return id === clientId && secret === clientSecret
}

function formDecoded(text: string): string {
  return new URLSearchParams(`x=${text}`).get('x') ?? ''
}

function isRedeemable(form: URLSearchParams, { query }: Asked): boolean {
  const verifier = form.get('code_verifier') ?? ''
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  return (
    challenge === query.get('code_challenge') &&
    query.get('code_challenge_method') === 'S256' &&
    form.get('redirect_uri') === query.get('redirect_uri')
  )
}

async function idTokenFor(
  { url, told, mischief }: Provider,
  { query, person }: Asked,
  key: CryptoKey,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const { email: _, email_verified: __, name: ___, ...claims } = person
  const payload = {
    ...{ iss: url, aud: clientId, iat: now, exp: now + 300, nonce: query.get('nonce') ?? '' },
    ...claims,
    ...told,
    ...mischief.claims,
  }
  if (mischief.idToken) return mischief.idToken(payload)
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'first' }).sign(key)
}

function userInfoOf({ userInfo, mischief }: Provider, person: Person): Record<string, unknown> {
  return { ...person, ...userInfo, ...mischief.userInfo }
}
