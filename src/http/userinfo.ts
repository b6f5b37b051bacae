/** Userinfo, by GET and POST, at every path that a client may know. */
import { Elysia } from 'elysia'
import type { Services } from '../protocol/services.ts'
import { userinfo as tell } from '../protocol/tokens/userinfo.ts'
import { jsonResponse } from './errors.ts'
import { oauthPrefixes } from './oauth.ts'

export function userinfo(services: Services) {
  const info = async ({ request }: { request: Request }) => {
    const authorization = request.headers.get('authorization') ?? undefined
    const path = new URL(request.url).pathname
    return jsonResponse(await tell(services, { authorization, path }))
  }
  const plugin = new Elysia({ name: 'userinfo' })
  for (const prefix of oauthPrefixes) {
    plugin.get(`${prefix}/userinfo`, info).post(`${prefix}/userinfo`, info, { parse: 'none' })
  }
  return plugin
}
