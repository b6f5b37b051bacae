/**
 * A server on loopback answers only to loopback names: otherwise a web page could point its own
 * domain at 127.0.0.1 and talk to it as if it were its own (DNS rebinding).
 *
 * @see [RFC 9110 §15.5.20 - 421 Misdirected Request](https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.20)
 * @see [RFC 9112 §3.2 - Request Target](https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2)
 */
import { isLoopbackHost } from '../config/formats.ts'
import type { Settings } from '../config/settings.ts'
import { errorJson, jsonResponse } from './errors.ts'

/** Gives the answer to a request that names another host than this server may have. */
export function hostGuard(settings: Settings): (request: Request) => Response | undefined {
  if (!isLoopbackHost(new URL(settings.issuer).hostname)) return () => undefined
  // Nearly every request names the same host, which is read once.
  let admitted: string | null = null
  return (request) => {
    const host = request.headers.get('host')
    if (host !== null && host === admitted) return undefined
    const refusal = strangeHost(settings, request)
    if (!refusal) admitted = host
    return refusal
  }
}

/** The answer to a request that names another host than this server may have. */
export function strangeHost(settings: Settings, request: Request): Response | undefined {
  const { issuer } = settings
  if (!isLoopbackHost(new URL(issuer).hostname)) return undefined
  const host = request.headers.get('host') ?? new URL(request.url).host
  if (URL.canParse(`http://${host}`) && isLoopbackHost(new URL(`http://${host}`).hostname)) return
  const message = `This server answers as ${new URL(issuer).host} only`
  return errorJson({ settings }, request, { error: 'misdirected_request', message })
}

/** To a request whose Host is none, so that its address cannot even be read. */
export function malformedHost(): Response {
  const words = { error: 'invalid_request', message: 'The Host header is missing or malformed' }
  return jsonResponse(words, { status: 400 })
}
