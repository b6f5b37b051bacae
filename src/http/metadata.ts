/** The well-known documents, at the root and with the issuer's or resource's path inserted. */
import { Elysia, NotFoundError } from 'elysia'
import {
  authorizationServerMetadata,
  openidConfiguration,
  protectedResourceMetadata,
  resourceAtWellKnown,
} from '../protocol/metadata.ts'
import type { Services } from '../protocol/services.ts'
import { jsonResponse } from './errors.ts'

const cacheSeconds = 300

const resourcePath = '/.well-known/oauth-protected-resource'

export function metadata(services: Services) {
  const { settings, signer } = services
  const issuerPath = new URL(settings.issuer).pathname.replace(/\/$/, '')
  const server = () => cached(authorizationServerMetadata(settings))
  const openid = () => {
    const document = openidConfiguration(settings)
    if (!document) throw new NotFoundError()
    return cached(document)
  }
  const resource = ({ request }: { request: Request }) => {
    const suffix = new URL(request.url).pathname.slice(resourcePath.length)
    const found = resourceAtWellKnown(settings, suffix)
    if (!found) throw new NotFoundError()
    return cached(protectedResourceMetadata(settings, found))
  }
  // No copy outlives the time for which a key is published before it signs.
  const keySetSeconds = Math.min(cacheSeconds, settings.keys.publishAheadSeconds)
  const keySet = async () => cached({ keys: await signer.publicKeys() }, keySetSeconds)
  const plugin = new Elysia({ name: 'metadata' })
    .get('/.well-known/oauth-authorization-server', server)
    .get('/.well-known/openid-configuration', openid)
    .get(resourcePath, resource)
    .get(`${resourcePath}/*`, resource)
    .get('/.well-known/jwks.json', keySet)
  // Clients that were given a resource's address look for the server's metadata beside it too.
  for (const path of new Set([issuerPath, ...resourcePaths(services)])) {
    if (path === '') continue
    plugin
      .get(`/.well-known/oauth-authorization-server${path}`, server)
      .get(`/.well-known/openid-configuration${path}`, openid)
      .get(`${path}/.well-known/openid-configuration`, openid)
  }
  return plugin
}

function resourcePaths({ settings }: Services): string[] {
  const host = new URL(settings.apiUrl).host
  return settings.resources
    .map((r) => new URL(r.resource))
    .filter((url) => url.host === host && url.pathname !== '/')
    .map((url) => url.pathname)
}

function cached(document: unknown, seconds = cacheSeconds): Response {
  return jsonResponse(document, {
    headers: { 'cache-control': `public, max-age=${seconds}`, pragma: '' },
  })
}
