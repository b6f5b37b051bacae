/**
 * The introspection endpoint. Resource servers ask it at each request that they get, so an answer
 * that still holds is given again.
 *
 * @see [RFC 7662 §2 - Introspection Endpoint](https://www.rfc-editor.org/rfc/rfc7662.html#section-2)
 */
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { introspect } from '../protocol/tokens/introspect.ts'
import {
  signedIntrospectionType,
  signIntrospection,
  wantsSignedIntrospection,
} from '../protocol/tokens/signed-introspection.ts'
import { readFormText } from './body.ts'
import { jsonTextResponse } from './errors.ts'
import { formRequest } from './form-request.ts'
import type { RequestLimiter } from './rate-limit.ts'
import { type Answer, RepeatedAnswers } from './repeated-answers.ts'

export function introspection(services: Services, limiter: RequestLimiter) {
  const { settings } = services
  const repeated = new RepeatedAnswers(services)
  const signed = async (request: Request, body: string) => {
    const asked = formRequest(settings, request, body)
    const told = await limiter.attempt(request, asked, (form) => introspect(services, form))
    const headers = { 'content-type': signedIntrospectionType, 'cache-control': 'no-store' }
    return new Response(await signIntrospection(services, told), { headers })
  }
  return async ({ request }: { request: Request }): Promise<Response> => {
    const body = await readFormText(request, settings.limits.bodyBytesMax)
    if (wantsSignedIntrospection(request.headers.get('accept') ?? '')) return signed(request, body)
    const sender = [request.headers.get('authorization') ?? '', contextOf(request).remoteAddress]
    const answer = await repeated.answer(request, [...sender, body], (noting) =>
      answerAnew(noting, request, { body, limiter }),
    )
    return jsonTextResponse(answer.body)
  }
}

async function answerAnew(
  services: Services,
  request: Request,
  { body, limiter }: { body: string; limiter: RequestLimiter },
): Promise<Answer> {
  const again = repetition(limiter)
  const asked = formRequest(services.settings, request, body)
  const told = await limiter.attempt(request, asked, (form) => introspect(services, form))
  return {
    body: JSON.stringify(told.answer),
    repeatableUntil: told.repeatableUntil,
    again: again(told.clientId),
  }
}

/** Made where nothing of the request is at hand: what is kept must not keep its secrets too. */
function repetition(limiter: RequestLimiter) {
  const { failures } = limiter
  return (clientId: string) => (asking: Request) => {
    if (limiter.failures !== failures) return false
    limiter.attemptAgain(asking, clientId)
    return true
  }
}
