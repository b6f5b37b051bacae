/** Where a libSQL server is, from the URL that its operator wrote down. */

interface Address {
  readonly url: string
  readonly authToken?: string
}

/**
 * `libsql://` is HTTPS, or HTTP with `?tls=0`; the token may stand in the URL.
 * @throws {Error} when something else is asked for there
 */
export function serverAddress({ url, authToken }: Address): Address {
  const { protocol, host, port, searchParams, hash } = new URL(url)
  const { authToken: token = authToken, tls, ...others } = Object.fromEntries(searchParams)
  const [unknown] = [...Object.keys(others), ...(hash === '' ? [] : [hash])]
  if (unknown !== undefined) throw new Error(`Cannot use "${host}": its URL has "${unknown}"`)
  const isPlain = protocol === 'http:' || (protocol === 'libsql:' && tls === '0')
  if (protocol === 'libsql:' && isPlain && port === '') {
    throw new Error(`Cannot use "${host}": without TLS its URL needs a port`)
  }
  const address = url.replace(/^\w+:/, isPlain ? 'http:' : 'https:').replace(/[?#].*$/s, '')
  return { url: address, ...(token === undefined ? {} : { authToken: token }) }
}
