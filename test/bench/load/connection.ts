/**
 * One connection of the load generator: plain HTTP/1.1 on a socket, one request at a time. It knows
 * just enough to find where an answer ends; a client library would cost more than what it measures.
 */
import type { Socket } from 'bun'

export interface Answer {
  readonly status: number
  /** Status line and headers. */
  readonly head: string
  /** Byte for byte, each as one character. */
  readonly body: string
}

export type Hear = (answer: Answer | Error) => void

export class Connection {
  readonly #host: string
  readonly #port: number
  #socket: Socket | undefined
  #received = ''
  #hear: Hear | undefined

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#host = hostname === 'localhost' ? '127.0.0.1' : hostname
    this.#port = Number(port)
  }

  /** Sends a whole request; `hear` is called once. */
  send(request: string, hear: Hear): void {
    this.#hear = hear
    if (this.#socket) this.#socket.write(request)
    else this.#open().then(() => this.#socket?.write(request), hear)
  }

  ask(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.send(request, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)))
    })
  }

  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.end()
  }

  async #open(): Promise<void> {
    this.#received = ''
    this.#socket = await Bun.connect({
      hostname: this.#host,
      port: this.#port,
      socket: {
        open: (socket) => void socket.setNoDelay(true),
        data: (_, bytes) => this.#receive(bytes),
        close: () => this.#lose('the server closed the connection'),
        error: (_, error) => this.#lose(error.message),
      },
    })
  }

  #receive(bytes: Buffer): void {
    this.#received += bytes.toString('latin1')
    const answer = readAnswer(this.#received)
    if (!answer) return
    this.#received = ''
    const hear = this.#hear
    this.#hear = undefined
    if (/\r\nconnection: close/i.test(answer.head)) this.close()
    hear?.(answer)
  }

  #lose(why: string): void {
    this.#socket = undefined
    const hear = this.#hear
    this.#hear = undefined
    hear?.(new Error(`Cannot hear the answer: ${why}`))
  }
}

/** The answer, once all of it is there. */
export function readAnswer(text: string): Answer | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = text.slice(0, headEnd)
  const status = Number(head.slice(9, 12))
  const bodyStart = headEnd + 4
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) {
    const end = bodyStart + Number(length)
    return text.length < end ? undefined : { status, head, body: text.slice(bodyStart, end) }
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, head, body: '' }
  if (!text.endsWith('0\r\n\r\n')) return undefined
  return { status, head, body: unchunked(text.slice(bodyStart)) }
}

function unchunked(text: string): string {
  let body = ''
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, lineEnd), 16)
    if (!(size > 0)) break
    body += text.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
  }
  return body
}

/** A request as it goes over the wire. */
export function requestText(
  url: string,
  { method = 'GET', path, headers = {}, body = '' }: RequestParts,
): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${new URL(url).host}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (method !== 'GET') lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

export interface RequestParts {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}
