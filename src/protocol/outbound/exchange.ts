/**
 * One request to one address that was checked before, and its answer. No name is looked up here,
 * nothing is followed and no connection is kept, so what was checked is what is talked to.
 *
 * `node:https` is what Bun, Deno and the binary all carry out in the same way; a `fetch` cannot be
 * told which address to connect to.
 *
 * @see [RFC 9110 §7.2 - Host and :authority](https://www.rfc-editor.org/rfc/rfc9110.html#section-7.2)
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https'
import { isIP } from 'node:net'

export interface OutboundRequest {
  readonly url: string
  /** GET unless told. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly bytesMax: number
  /** How the body of the answer is given; as text unless told. */
  readonly encoding?: 'utf8' | 'base64'
  /**
   * Whether it is for a client that somebody has consented to. Such requests are counted apart, so
   * that strangers who name the same host do not use its share up.
   */
  readonly known?: boolean
  /** The operator named this host in the settings: it is not counted at all, and may be slower. */
  readonly ofOperator?: true
  /** Somebody looks at an empty page meanwhile: no slower than others after all. */
  readonly personWaits?: true
  /** How long all of it may take, in the place of what is usual. */
  readonly timeoutMs?: number
}

export interface OutboundResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** The answer has more bytes than were wanted. */
export class TooLarge extends Error {
  override name = 'TooLarge'
}

export interface Connection {
  readonly address: string
  readonly signal: AbortSignal
  /** PEM; the runtime's own authorities unless given. */
  readonly authorities: readonly string[] | undefined
}

/**
 * @throws {TooLarge} and whatever the connection failed of
 */
export function exchange(
  asked: OutboundRequest,
  connection: Connection,
): Promise<OutboundResponse> {
  return new Promise((resolve, reject) => {
    const sent = ask(asked, connection, (response) => {
      readBody(response, asked.bytesMax)
        .then((bytes) => bytes.toString(asked.encoding ?? 'utf8'))
        .then((body) => resolve({ status: response.statusCode ?? 0, ...headersOf(response), body }))
        .catch((error) => {
          sent.destroy()
          reject(error)
        })
    })
    sent.on('error', reject)
    sent.end(asked.body)
  })
}

/** What a connection needs to know of a request. */
export type Sendable = Pick<OutboundRequest, 'url' | 'headers' | 'body'> & {
  readonly method?: string
}

/** The request as it is about to go out; its body is for the caller to send. */
export function ask(
  asked: Sendable,
  { address, signal, authorities }: Connection,
  ...[hear]: [(response: IncomingMessage) => void]
): ClientRequest {
  const url = new URL(asked.url)
  const secure = url.protocol === 'https:'
  const name = url.hostname.replace(/^\[|\]$/g, '')
  const options: RequestOptions = {
    host: address,
    port: url.port || (secure ? 443 : 80),
    method: asked.method ?? 'GET',
    path: url.pathname + url.search,
    headers: {
      'accept-encoding': 'identity',
      'user-agent': 'Grantlog',
      ...asked.headers,
      ...(asked.body === undefined ? {} : { 'content-length': Buffer.byteLength(asked.body) }),
      host: url.host,
      connection: 'close',
    },
    signal,
    // A kept connection would be chosen by its name, past the check of its address.
    agent: secure ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false }),
    ...(secure && isIP(name) === 0 ? { servername: name } : {}),
    ...(authorities === undefined ? {} : { ca: [...authorities] }),
  }
  return (secure ? httpsRequest : httpRequest)(options, hear)
}

export function headersOf(response: IncomingMessage): { headers: Headers } {
  const headers = new Headers()
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers.set(name, String(value))
  }
  return { headers }
}

function readBody(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const tooLarge = () => reject(new TooLarge(`The answer has over ${bytesMax} bytes`))
    if (Number(response.headers['content-length'] ?? 0) > bytesMax) tooLarge()
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength
      if (bytes > bytesMax) tooLarge()
      else chunks.push(chunk)
    })
    response.on('end', () => resolve(Buffer.concat(chunks)))
    response.on('error', reject)
    response.on('aborted', () => reject(new Error('The connection ended inside the answer')))
  })
}
