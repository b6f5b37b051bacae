/** The little of Deno's own interface that we use; its full types clash with Bun's. */
export interface DenoHttpServer {
  readonly addr: { readonly port?: number }
  shutdown(): Promise<void>
}

interface DenoServeOptions {
  readonly hostname?: string
  readonly port?: number
  readonly path?: string
  onListen(): void
  onError(error: unknown): Response
}

declare global {
  namespace Deno {
    const args: string[]
    function serve(
      options: DenoServeOptions,
      handler: (
        request: Request,
        info: { readonly remoteAddr: { readonly hostname?: string } },
      ) => Response | Promise<Response>,
    ): DenoHttpServer
    function createHttpClient(options: {
      readonly proxy: { readonly transport: 'unix'; readonly path: string }
    }): { close(): void }
  }
}
