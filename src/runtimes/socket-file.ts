/**
 * The place of a unix socket in the file system: only its owner may open it, and what a server
 * that crashed left behind is taken away.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/** The kernel's limit is 108 bytes on Linux and 104 on macOS. */
const pathBytesMax = 100

/**
 * Runs `listen` so that the socket it makes has mode 0600 from its first moment on.
 * @throws {Error} when the path does not fit into a socket's address
 */
export function withPrivateSocket<T>(path: string, listen: () => T): T {
  if (Buffer.byteLength(path) > pathBytesMax) {
    throw new Error(
      `Cannot listen on "${path}": a socket's path has at most ${pathBytesMax} bytes; ` +
        'choose a shorter GRANTLOG_DATA_DIR',
    )
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  rmSync(path, { force: true })
  const before = process.umask(0o177)
  try {
    return listen()
  } finally {
    process.umask(before)
  }
}
