/**
 * Where those ask who have no browser: a device for its codes, a client for the answer of a person
 * whom it names. The pages of the people are in device.ts and back-channel.ts.
 */
import { Elysia } from 'elysia'
import { tellOfQuestion } from '../approvals/notice.ts'
import { requestBackChannel } from '../protocol/authorization/back-channel-request.ts'
import { requestDevice } from '../protocol/authorization/device-request.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import type { FormRequest } from '../protocol/token.ts'
import { backChannel } from './back-channel.ts'
import { readForm } from './body.ts'
import { jsonResponse } from './errors.ts'
import { oauthPrefixes } from './oauth.ts'
import type { RequestLimiter } from './rate-limit.ts'

export function deviceAuthorization(services: Services, limiter: RequestLimiter) {
  const { bodyBytesMax } = services.settings.limits
  const start = <T>(begin: (services: Services, asked: FormRequest) => Promise<T>) => {
    return ({ request }: { request: Request }) => answer(request, begin)
  }
  const answer = async <T>(
    request: Request,
    begin: (services: Services, asked: FormRequest) => Promise<T>,
  ) => {
    const asked = {
      form: await readForm(request, bodyBytesMax),
      correlationId: contextOf(request).requestId,
      ...presentedBy(services.settings, request),
    }
    const given = await limiter.attempt(request, asked, (form) => begin(services, form))
    return jsonResponse(given)
  }
  const askPerson = async (_: Services, asked: FormRequest) => {
    const { acknowledgement, question } = await requestBackChannel(services, asked)
    // Whether anybody is told must not show in how long this takes.
    if (question) void tellOfQuestion(services, question)
    return acknowledgement
  }
  const plugin = new Elysia({ name: 'device-authorization' }).use(backChannel(services))
  for (const prefix of oauthPrefixes) {
    plugin.post(`${prefix}/device_authorization`, start(requestDevice), { parse: 'none' })
    if (services.settings.ciba.enabled) {
      plugin.post(`${prefix}/bc-authorize`, start(askPerson), { parse: 'none' })
    }
  }
  return plugin
}
