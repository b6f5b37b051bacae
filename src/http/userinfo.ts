/** Userinfo, by GET and POST, at every path that a client may know. */
import { Elysia } from 'elysia'
import { presentedBy } from '../protocol/presented.ts'
import type { Services } from '../protocol/services.ts'
import { userinfo as tell } from '../protocol/tokens/userinfo.ts'
import { jsonResponse } from './errors.ts'
import { oauthPrefixes } from './oauth.ts'

export function userinfo(services: Services) {
  const info = async ({ request }: { request: Request }) => {
    const presented = presentedBy(services.settings, request)
    const path = new URL(request.url).pathname
    return jsonResponse(await tell(services, { presented, path }))
  }
  const plugin = new Elysia({ name: 'userinfo' })
  for (const prefix of oauthPrefixes) {
    plugin.get(`${prefix}/userinfo`, info).post(`${prefix}/userinfo`, info, { parse: 'none' })
  }
  return plugin
}
