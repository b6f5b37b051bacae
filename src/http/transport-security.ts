/**
 * A server whose issuer is https asks browsers never to come back without TLS. On loopback there
 * is none, and the header would lock every other service on that host out.
 *
 * @see [RFC 6797 §6.1 - Strict-Transport-Security](https://www.rfc-editor.org/rfc/rfc6797.html#section-6.1)
 */
import type { Settings } from '../config/settings.ts'

const maxAgeSeconds = 365 * 24 * 3600

type Answer = Response | Promise<Response>

export function transportSecurity({ issuer }: Settings): (answer: Answer) => Answer {
  if (!issuer.startsWith('https:')) return (answer) => answer
  return async (answer) => {
    const response = await answer
    response.headers.set('strict-transport-security', `max-age=${maxAgeSeconds}`)
    return response
  }
}
