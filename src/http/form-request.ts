/** A form that a program sent, with all that shows who sent it. */
import type { Settings } from '../config/settings.ts'
import { presentedBy } from '../protocol/presented.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { FormRequest } from '../protocol/token.ts'

export function formRequest(settings: Settings, request: Request, body: string): FormRequest {
  return {
    form: new URLSearchParams(body),
    correlationId: contextOf(request).requestId,
    ...presentedBy(settings, request),
  }
}
