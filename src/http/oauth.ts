/** The endpoints that clients call. Every path a client may know leads to the same handler. */
import { Elysia } from 'elysia'
import { endpointPaths, prefixOf } from '../config/metadata-settings.ts'
import { pushAuthorizationRequest } from '../protocol/authorization/pushed-request.ts'
import {
  deleteRegistration,
  type ManagementRequest,
  readRegistration,
  replaceRegistration,
} from '../protocol/clients/management.ts'
import { registerClient } from '../protocol/clients/registration.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { type FormRequest, token } from '../protocol/token.ts'
import { revoke } from '../protocol/tokens/revoke.ts'
import { readFormText, readJson } from './body.ts'
import { jsonResponse } from './errors.ts'
import { formRequest } from './form-request.ts'
import { introspection } from './introspection.ts'
import type { RequestLimiter } from './rate-limit.ts'

/** One of them is advertised; the others are what older and 2025-03-26 clients use. */
export const oauthPrefixes = endpointPaths.map(prefixOf)

/** Bodies are read by ourselves: see `body.ts`. */
const raw = { parse: 'none' } as const

type Context = { request: Request }
type ClientContext = Context & { params: { client_id: string } }

export function oauth(services: Services, limiter: RequestLimiter) {
  const { bodyBytesMax } = services.settings.limits
  /** What a client asks for in its own name, with its credentials in the form or the header. */
  const asClient = async <T>(request: Request, act: (asked: FormRequest) => Promise<T>) => {
    const body = await readFormText(request, bodyBytesMax)
    const asked = formRequest(services.settings, request, body)
    return limiter.attempt(request, asked, act)
  }
  const issueToken = async ({ request }: Context) =>
    jsonResponse(await asClient(request, (asked) => token(services, asked)))
  const pushRequest = async ({ request }: Context) => {
    const pushed = await asClient(request, (asked) => pushAuthorizationRequest(services, asked))
    return jsonResponse(pushed, { status: 201 })
  }
  // Some clients refuse an empty or a text reply, so it is an empty JSON object.
  const revokeToken = async ({ request }: Context) => {
    await asClient(request, (asked) => revoke(services, asked))
    return jsonResponse({})
  }
  const register = async ({ request }: Context) => {
    const registered = await registerClient(services, await readJson(request, bodyBytesMax))
    return jsonResponse(registered, { status: 201 })
  }
  const managed = ({ request, params }: ClientContext): ManagementRequest => ({
    clientId: params.client_id,
    authorization: request.headers.get('authorization') ?? undefined,
    correlationId: contextOf(request).requestId,
  })
  const readClient = async (context: ClientContext) =>
    jsonResponse(await readRegistration(services, managed(context)))
  const changeClient = async (context: ClientContext) => {
    const body = await readJson(context.request, bodyBytesMax)
    return jsonResponse(await replaceRegistration(services, managed(context), body))
  }
  const deleteClient = async (context: ClientContext) => {
    await deleteRegistration(services, managed(context))
    const headers = { 'cache-control': 'no-store', pragma: 'no-cache' }
    return new Response(null, { status: 204, headers })
  }
  const introspectToken = introspection(services, limiter)
  const plugin = new Elysia({ name: 'oauth' })
  for (const prefix of oauthPrefixes) {
    plugin
      .post(`${prefix}/token`, issueToken, raw)
      .post(`${prefix}/par`, pushRequest, raw)
      .post(`${prefix}/introspect`, introspectToken, raw)
      .post(`${prefix}/revoke`, revokeToken, raw)
      .post(`${prefix}/register`, register, raw)
      .get(`${prefix}/register/:client_id`, readClient)
      .put(`${prefix}/register/:client_id`, changeClient, raw)
      .delete(`${prefix}/register/:client_id`, deleteClient, raw)
  }
  return plugin
}
