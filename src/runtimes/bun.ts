/** Bun: `Bun.serve`, and `Bun.password`, which hashes on a thread of its own. */
import { rmSync } from 'node:fs'
import {
  answerUnexpectedError,
  argon2idCost,
  bcryptCost,
  type Listen,
  type Listener,
  type ListenOnSocket,
  type Runtime,
  shutdownSecondsMax,
} from './runtime.ts'
import { withPrivateSocket } from './socket-file.ts'

/** Longer than the heartbeat of our event streams, so that a quiet one stays open. */
const idleTimeoutSeconds = 60

/**
 * When the first round of the tasks is over too. What was compiled by then mostly ran once: without
 * it 7 MB less are held, and what is asked for afterwards is compiled again.
 */
const settleMs = 1_000

export const bunRuntime: Runtime = {
  name: 'bun',
  serve,
  serveUnix,
  fetchUnix: (path, request) => fetch(request, { unix: path }),
  passwords: {
    hash: (password, by = 'argon2id') =>
      by === 'bcrypt'
        ? Bun.password.hash(password, { algorithm: by, cost: bcryptCost })
        : Bun.password.hash(password, {
            algorithm: by,
            memoryCost: argon2idCost.memoryKiB,
            timeCost: argon2idCost.passes,
          }),
    verify: async (password, hash) => {
      try {
        return await Bun.password.verify(password, hash)
      } catch {
        return false
      }
    },
  },
  settle: () => void setTimeout(() => Bun.shrink(), settleMs).unref(),
}

async function serve({ fetch, hostname, port, bodyBytesMax }: Listen): Promise<Listener> {
  const server = Bun.serve({
    hostname,
    port,
    idleTimeout: idleTimeoutSeconds,
    // Without this, an exception that reaches Bun is shown to the client with its source.
    development: false,
    error: answerUnexpectedError,
    ...(bodyBytesMax === undefined ? {} : { maxRequestBodySize: bodyBytesMax }),
    fetch: (request, bunServer) =>
      fetch(request, { remoteAddress: bunServer.requestIP(request)?.address ?? '' }),
  })
  return { port: server.port ?? port, stop: () => stopped(server) }
}

async function serveUnix({ fetch, path }: ListenOnSocket): Promise<{ stop(): Promise<void> }> {
  const server = withPrivateSocket(path, () =>
    Bun.serve({
      unix: path,
      development: false,
      error: answerUnexpectedError,
      fetch: (request) => fetch(request),
    }),
  )
  return {
    stop: async () => {
      await stopped(server)
      rmSync(path, { force: true })
    },
  }
}

async function stopped(server: { stop(closeActive?: boolean): Promise<void> }): Promise<void> {
  const cutOff = setTimeout(() => void server.stop(true), shutdownSecondsMax * 1000)
  await server.stop()
  clearTimeout(cutOff)
}
