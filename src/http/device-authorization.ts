/** Where a device asks for its codes; the pages of its person are in device.ts. */
import { Elysia } from 'elysia'
import { requestDevice } from '../protocol/authorization/device-request.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { readForm } from './body.ts'
import { jsonResponse } from './errors.ts'
import { oauthPrefixes } from './oauth.ts'
import type { RequestLimiter } from './rate-limit.ts'

export function deviceAuthorization(services: Services, limiter: RequestLimiter) {
  const { bodyBytesMax } = services.settings.limits
  const start = async ({ request }: { request: Request }) => {
    const asked = {
      form: await readForm(request, bodyBytesMax),
      correlationId: contextOf(request).requestId,
      ...presentedBy(services.settings, request),
    }
    const given = await limiter.attempt(request, asked, () => requestDevice(services, asked))
    return jsonResponse(given)
  }
  const plugin = new Elysia({ name: 'device-authorization' })
  for (const prefix of oauthPrefixes) {
    plugin.post(`${prefix}/device_authorization`, start, { parse: 'none' })
  }
  return plugin
}
