/**
 * Deno: `Deno.serve`, and native addons for the hashes, which need `--allow-ffi`. They are loaded
 * when the first password comes, and never in the Bun binary.
 */
import { rmSync } from 'node:fs'
import type { DenoHttpServer } from './deno-globals.d.ts'
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

export const denoRuntime: Runtime = {
  name: 'deno',
  serve,
  serveUnix,
  fetchUnix: async (path, request) => {
    const client = Deno.createHttpClient({ proxy: { transport: 'unix', path } })
    try {
      const response = await fetch(request, { client } as RequestInit)
      return new Response(await response.text(), response)
    } finally {
      client.close()
    }
  },
  passwords: {
    hash: async (password, by = 'argon2id') => {
      if (by === 'bcrypt') {
        const bcrypt = await import('@node-rs/bcrypt')
        return bcrypt.hash(password, { cost: bcryptCost })
      }
      const { hash } = await import('@node-rs/argon2')
      return hash(password, {
        memoryCost: argon2idCost.memoryKiB,
        timeCost: argon2idCost.passes,
        parallelism: argon2idCost.lanes,
      })
    },
    verify: async (password, hash) => {
      try {
        const { verify } = hash.startsWith('$2')
          ? await import('@node-rs/bcrypt').then((bcrypt) => ({
              verify: (hashed: string, word: string) => bcrypt.verify(word, hashed),
            }))
          : await import('@node-rs/argon2')
        return await verify(hash, password)
      } catch {
        return false
      }
    },
  },
  settle: () => {},
}

async function serve({ fetch, hostname, port }: Listen): Promise<Listener> {
  const server = Deno.serve(
    { hostname, port, onListen: () => {}, onError: answerUnexpectedError },
    (request, info) => fetch(request, { remoteAddress: info.remoteAddr.hostname ?? '' }),
  )
  return { port: server.addr.port ?? port, stop: () => stopped(server) }
}

async function serveUnix({ fetch, path }: ListenOnSocket): Promise<{ stop(): Promise<void> }> {
  const server = withPrivateSocket(path, () =>
    Deno.serve({ path, onListen: () => {}, onError: answerUnexpectedError }, (request) =>
      fetch(request),
    ),
  )
  return {
    stop: async () => {
      await stopped(server)
      rmSync(path, { force: true })
    },
  }
}

async function stopped(server: DenoHttpServer): Promise<void> {
  let cutOff: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    cutOff = setTimeout(resolve, shutdownSecondsMax * 1000)
  })
  await Promise.race([server.shutdown(), late])
  clearTimeout(cutOff)
}
