/** What no server in this runtime can beat; see `bare-server.ts`. */
import { fileURLToPath } from 'node:url'
import { requestText } from '../load/connection.ts'
import { requireWords, type Worker } from '../load/worker.ts'
import { startChild } from './child.ts'
import type { Contender, Work } from './contender.ts'

const program = fileURLToPath(new URL('./bare-server.ts', import.meta.url))

export const bare: Contender = {
  name: 'bare',
  label: 'bare Bun.serve route',
  works: ['introspection', 'verify'],
  async start({ connections }) {
    const child = await startChild({ command: [process.execPath, program] })
    const tokens = (await (await fetch(`${child.url}/tokens`)).json()) as string[]
    return {
      url: child.url,
      processIds: [child.pid],
      workersFor: async (work) =>
        tokens.slice(0, connections).map((token) => workerFor(child.url, { work, token })),
      stop: child.stop,
    }
  },
}

/** The same bytes as Grantlog is sent, credentials included, though nobody reads them here. */
function workerFor(url: string, { work, token }: { work: Work; token: string }): Worker {
  const isVerify = work === 'verify'
  const request = isVerify
    ? requestText(url, { path: '/api/verify', headers: { authorization: `Bearer ${token}` } })
    : requestText(url, {
        method: 'POST',
        path: '/oauth/introspect',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${Buffer.from(`cli_1:${token}`).toString('base64')}`,
        },
        body: `token=${token}`,
      })
  const words = isVerify ? '"allowed":true' : '"active":true'
  const step = {
    request,
    accept: (answer: Parameters<typeof requireWords>[0]) => {
      requireWords(answer, 200, words)
      return undefined
    },
  }
  return { next: () => step }
}
