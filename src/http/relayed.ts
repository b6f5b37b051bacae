/**
 * The API behind a front: a page is asked by way of the front and not otherwise, and what a front
 * passes on comes from the browser that the front names.
 */
import type { Settings } from '../config/settings.ts'
import { addressOfRelayed, pathKind, relayHeader } from '../protocol/relayed-request.ts'
import type { Services } from '../protocol/services.ts'
import { JwtRefused } from '../protocol/signed-jwt.ts'
import { BodyRefused, readText } from './body.ts'
import { errorJson } from './errors.ts'

export interface Admitted {
  readonly request: Request
  /** The browser's, where a front passed its request on. */
  readonly address: string
}

/** The request to answer, or the answer to one that did not come as it must. */
export type RelayGuard = (request: Request, peer: string) => Promise<Admitted | Response>

export function relayGuard(services: Services): RelayGuard {
  const { settings } = services
  if (settings.role !== 'api') return async (request, peer) => ({ request, address: peer })
  return async (request, peer) => {
    const { pathname } = new URL(request.url)
    const jwt = request.headers.get(relayHeader)
    if (jwt === null) {
      const isOpen = pathKind(pathname) !== 'page'
      return isOpen ? { request, address: peer } : misdirected(settings, request)
    }
    try {
      return await admitted(services, request, jwt)
    } catch (error) {
      if (error instanceof BodyRefused) {
        const { code, message, status } = error
        return errorJson(services, request, { error: code, message, status })
      }
      if (!(error instanceof JwtRefused)) throw error
      services.logger.warn({ path: pathname, cause: error.message }, 'a front was not believed')
      return misdirected(settings, request)
    }
  }
}

async function admitted(services: Services, request: Request, jwt: string): Promise<Admitted> {
  const { method, headers } = request
  const { pathname, search } = new URL(request.url)
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const body = hasBody ? await readText(request, services.settings.limits.bodyBytesMax) : ''
  const cookie = headers.get('cookie') ?? ''
  const received = { method, path: pathname + search, body, cookie }
  const address = await addressOfRelayed(services, jwt, received)
  const read = new Request(request.url, { method, headers, ...(hasBody ? { body } : {}) })
  return { request: read, address }
}

function misdirected(settings: Settings, request: Request): Response {
  const message = `${settings.issuer} answers this`
  return errorJson({ settings }, request, { error: 'misdirected_request', message })
}
