/**
 * A site of somebody else, over https on this machine: it serves metadata documents and key sets,
 * counts who asks, and can be told to misbehave.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from './certificate.ts'

export interface Page {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

type Serve = (request: IncomingMessage, response: ServerResponse) => void

export interface DocumentServer {
  /** `localhost:<port>`, as `outbound.allowed_hosts` takes it. */
  readonly host: string
  readonly port: number
  readonly url: string
  /** PEM, and the file that holds it. */
  readonly authority: string
  readonly authorityFile: string
  /** Every request so far: method, path, and the name that it was for. */
  readonly asked: string[]
  /** Puts a page, or something stranger, at a path. */
  put(path: string, page: Page | Serve): void
  /** The settings of a server that may ask here. */
  readonly outbound: {
    readonly allowedHosts: string[]
    readonly caFile: string
    readonly requestsPerHostMax: number
    readonly requestsMax: number
  }
  stop(): Promise<void>
}

export async function startDocumentServer(
  names: readonly string[] = ['localhost'],
): Promise<DocumentServer> {
  const { certificate, key } = selfSigned(names)
  const folder = mkdtempSync(join(tmpdir(), 'grantlog-documents-'))
  const authorityFile = join(folder, 'authority.pem')
  writeFileSync(authorityFile, certificate)
  const pages = new Map<string, Page | Serve>()
  const asked: string[] = []
  const server = createServer({ key, cert: certificate }, (request, response) => {
    asked.push(`${request.method} ${request.headers.host}${request.url}`)
    const page = pages.get(request.url ?? '')
    if (typeof page === 'function') return page(request, response)
    const { status = 200, headers = {}, body = '' } = page ?? { status: 404 }
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const host = `localhost:${port}`
  return {
    host,
    port,
    url: `https://${host}`,
    authority: certificate,
    authorityFile,
    asked,
    put: (path, page) => void pages.set(path, page),
    outbound: {
      allowedHosts: [host],
      caFile: authorityFile,
      requestsPerHostMax: 10_000,
      requestsMax: 10_000,
    },
    stop: () => {
      rmSync(folder, { recursive: true, force: true })
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
