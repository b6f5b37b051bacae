/**
 * What the server needs of the program that runs it, and cannot have the same way everywhere:
 * listening, and hashing passwords without blocking. One file beside this one for each runtime.
 */
import type { PasswordHasher } from '../protocol/services.ts'

/** Who is at the other end of the connection: the peer's address, behind a proxy the proxy's. */
export interface Peer {
  readonly remoteAddress: string
}

export interface Listener {
  /** The port in use, also where port 0 left the choice to the system. */
  readonly port: number
  /** Accepts nothing new, and resolves when the requests under way are answered. */
  stop(): Promise<void>
}

export interface Listen {
  fetch(request: Request, peer: Peer): Response | Promise<Response>
  readonly hostname: string
  readonly port: number
  /** Larger request bodies are refused before they are read, where the runtime can do that. */
  readonly bodyBytesMax?: number
}

export interface ListenOnSocket {
  fetch(request: Request): Response | Promise<Response>
  readonly path: string
}

export interface Runtime {
  readonly name: 'bun' | 'deno'
  serve(listen: Listen): Promise<Listener>
  /** Serves HTTP on a unix socket that only the same user may open. */
  serveUnix(listen: ListenOnSocket): Promise<{ stop(): Promise<void> }>
  /** Asks an HTTP server that listens on a unix socket. */
  fetchUnix(path: string, request: Request): Promise<Response>
  /** Hashes with argon2id or bcrypt, and verifies both. A text that is no hash verifies nothing. */
  readonly passwords: PasswordHasher
  /** Told once that the start is over: gives back, soon, the memory that only a start needs. */
  settle(): void
}

/** How long a shutdown waits for requests under way before it cuts them off. */
export const shutdownSecondsMax = 10

/** RFC 9106 §4 and OWASP's least: 19 MiB, two passes, one lane; about 50 ms. */
export const argon2idCost = { memoryKiB: 19_456, passes: 2, lanes: 1 } as const

/** 2^10 rounds. It looks at 72 bytes: whoever hashes with it refuses longer secrets. */
export const bcryptCost = 10

/** The application answers its own errors; one that still comes here is told to nobody outside. */
export function answerUnexpectedError(): Response {
  return new Response(null, { status: 500 })
}
