/** Is the process alive, and can it do its work? */
import { Elysia } from 'elysia'
import type { Resource } from '../config/resource-settings.ts'
import { LogUnavailable } from '../domain/event-log.ts'
import { presentedBy } from '../protocol/presented.ts'
import { allResources } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { requireToken } from '../protocol/tokens/bearer.ts'
import { errorJson, jsonResponse, unavailable, unavailableRetrySeconds } from './errors.ts'

export function health(services: Services, check: () => Promise<void>) {
  const { settings, logger } = services
  const alive = () => jsonResponse({ status: 'ok' })
  return new Elysia({ name: 'health' })
    .get('/health', async ({ request }) => {
      if (settings.healthRequiresToken) {
        const resources = allResources(settings) as [Resource, ...Resource[]]
        await requireToken(services, presentedBy(settings, request), {
          resources,
          apiTokensAs: 'rest',
        })
      }
      return alive()
    })
    .get('/healthz', alive)
    .get('/readyz', async ({ request }) => {
      try {
        await check()
        return jsonResponse({ status: 'ready' })
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error
        logger.warn({ cause: error.message }, 'not ready')
        const headers = { 'retry-after': String(unavailableRetrySeconds) }
        return errorJson(services, request, { ...unavailable, headers })
      }
    })
}
