/** Pages for whoever writes a client. */
import { Elysia } from 'elysia'
import type { Services } from '../protocol/services.ts'
import { errorReferencePage } from '../web/error-reference.tsx'
import { pageResponse } from './page-response.ts'

export function docs({ settings }: Services) {
  let errorReference: string | undefined
  return new Elysia({ name: 'docs' }).get('/docs/errors', () => {
    errorReference ??= errorReferencePage(settings)
    return pageResponse(errorReference)
  })
}
