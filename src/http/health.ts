/** Is the process alive, and can it do its work? */
import { Elysia } from 'elysia'
import { LogUnavailable } from '../domain/event-log.ts'
import type { Services } from '../protocol/services.ts'
import { jsonResponse, unavailableRetrySeconds } from './errors.ts'

export function health({ logger }: Services, check: () => Promise<void>) {
  const alive = () => jsonResponse({ status: 'ok' })
  return new Elysia({ name: 'health' })
    .get('/health', alive)
    .get('/healthz', alive)
    .get('/readyz', async () => {
      try {
        await check()
        return jsonResponse({ status: 'ready' })
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error
        logger.warn({ cause: error.message }, 'not ready')
        const headers = { 'retry-after': String(unavailableRetrySeconds) }
        const words = { error: 'auth_backend_unavailable', message: 'The database does not answer' }
        return jsonResponse(words, { status: 503, headers })
      }
    })
}
