/**
 * A reverse proxy asks about each request that it received: may it pass, and whose is it? The
 * settings say which requests need which scopes of which resource. The first route that fits
 * decides; a request that none fits does not pass.
 *
 * A path that can be read in two ways is refused: what stands behind the proxy might read it in
 * the other one.
 *
 * @see [RFC 6750 §2.1 - Authorization Request Header Field](https://www.rfc-editor.org/rfc/rfc6750.html#section-2.1)
 * @see [RFC 3986 §6.2.2 - Syntax-Based Normalization](https://www.rfc-editor.org/rfc/rfc3986.html#section-6.2.2)
 */
import type { VerifyRoute } from '../config/verify-settings.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import { OAuthError } from './oauth-error.ts'
import type { Presented } from './presented.ts'
import { findResource } from './resources.ts'
import type { Services } from './services.ts'
import { presentedToken, requireToken } from './tokens/bearer.ts'
import { repeatableUntil } from './tokens/repeatable.ts'
import { subjectForResource } from './tokens/subject.ts'

/** The request that the proxy received. */
export interface ForwardedRequest extends Presented {
  /** In small letters, with its port if that was named. */
  readonly host: string
  /** As it was sent, without the query. */
  readonly path: string
}

/** Set by each answer, empty where there is nothing to say, so that a client's own never pass. */
export const identityHeaders = [
  'X-Auth-Subject',
  'X-Auth-Client',
  'X-Auth-Scope',
  'X-Auth-Resource',
  'X-Auth-Grant',
] as const

export type IdentityHeaders = Readonly<Record<(typeof identityHeaders)[number], string>>

export interface Passed {
  readonly headers: IdentityHeaders
  /** Milliseconds since 1970; absent where the same question must be answered anew. */
  readonly repeatableUntil: number | undefined
}

/** @throws {OAuthError} access_denied (403) where no route fits, and as `requireToken` does */
export async function verifyForwarded(
  services: Services,
  request: ForwardedRequest,
): Promise<Passed> {
  const { settings } = services
  const path = plainPath(request.path)
  const route = settings.verify.find((each) => fits(each, { ...request, path }))
  const resource = route && findResource(settings, route.resource)
  if (!route || !resource) {
    const cause = `no route for ${request.method} ${request.host}${path}`
    throw new OAuthError('access_denied', 'Nothing is allowed at this address', { cause })
  }
  const needed = { resources: [resource], scopes: route.scopes, apiTokensAs: 'rest' } as const
  const token = await requireToken(services, request, needed)
  const headers = identityHeadersOf(token, await subjectForResource(services, token))
  // How old a sign-in may be is another end.
  if (resource.maxAgeSeconds > 0) return { headers, repeatableUntil: undefined }
  const { token: presented = '' } = presentedToken(request.authorization) ?? {}
  return { headers, repeatableUntil: repeatableUntil(services, token, presented) }
}

/**
 * The path, decoded. `%2e%2e`, `//`, an encoded slash, a backslash or parameters of a segment are
 * read in one way here and in another there.
 */
function plainPath(encoded: string): string {
  const path = decoded(encoded)
  const isPlain =
    path !== undefined &&
    // An encoded slash or percent sign would be decoded once more by somebody.
    !/%(?:2f|5c|25|00)/i.test(encoded) &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    !/^[^/]|[\\;\u0000-\u0020\u007f]|\/\/|\/\.{1,2}(?:\/|$)/.test(path)
  if (isPlain) return path
  throw new OAuthError('access_denied', 'The path can be read in more than one way', {
    cause: 'ambiguous path',
  })
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function fits(route: VerifyRoute, { method, host: asked, path }: ForwardedRequest): boolean {
  const { host = '', methods } = route
  const named = host.includes(':') ? asked : asked.replace(/\.?(?::\d+)?$/, '')
  const start = route.path.replace(/\/$/, '')
  return (
    (host === '' || host === named) &&
    (methods.length === 0 || methods.includes(method)) &&
    (path === start || path.startsWith(`${start}/`))
  )
}

/** Who is asked for, as what stands behind this server reads it. */
export function identityHeadersOf(token: LiveToken, subject: string): IdentityHeaders {
  return {
    'X-Auth-Subject': headerText(subject),
    'X-Auth-Client': headerText(token.clientId),
    'X-Auth-Scope': token.scopes.join(' '),
    'X-Auth-Resource': headerText(token.resource),
    'X-Auth-Grant': token.grantId ?? '',
  }
}

function headerText(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x7e]+/g, encodeURIComponent)
}
