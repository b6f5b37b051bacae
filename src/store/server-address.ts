/** Where a libSQL server is, from the URL that its operator wrote down. */
import { parseLibsqlUrl } from '@libsql/hrana-client'

interface Address {
  readonly url: string
  readonly authToken?: string
}

/**
 * `libsql://` is HTTPS, or HTTP with `?tls=0`; the token may stand in the URL.
 * @throws {Error} when something else is asked for there
 */
export function serverAddress({ url, authToken }: Address): Address {
  const { hranaHttpUrl, authToken: token = authToken } = parsed(url)
  if (hranaHttpUrl === undefined) throw new Error(`Cannot use "${url}": it is no HTTP address`)
  return { url: hranaHttpUrl, ...(token === undefined ? {} : { authToken: token }) }
}

function parsed(url: string) {
  try {
    return parseLibsqlUrl(url)
  } catch (error) {
    throw new Error(`Cannot use "${new URL(url).host}": ${(error as Error).message}`)
  }
}
