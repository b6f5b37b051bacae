/** Logos of clients, as this server has fetched and checked them; a browser can do nothing with one but show it. */
import { Elysia } from 'elysia'
import { readLogo } from '../protocol/clients/client-logo.ts'
import type { Services } from '../protocol/services.ts'
import { errorResponse } from './page-response.ts'

export const logosPath = '/client-logos'

export function clientLogos(services: Services) {
  return new Elysia({ name: 'client-logos' }).get(
    `${logosPath}/:id`,
    async ({ request, params: { id } }) => {
      const logo = await readLogo(services, id)
      if (!logo) return errorResponse(services, request, { text: 'notFound', status: 404 })
      return new Response(Buffer.from(logo.data, 'base64'), {
        headers: {
          'content-type': logo.type,
          'content-security-policy': "default-src 'none'; sandbox",
          'cross-origin-resource-policy': 'same-origin',
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cache-control': 'private, max-age=3600',
        },
      })
    },
  )
}
