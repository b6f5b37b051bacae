/** Who changed something about their account, as the letter about it says. */
import type { ChangedBy } from '../identity/account-letters.ts'
import type { Services } from '../protocol/services.ts'
import { shellOf } from './page-response.ts'

export function changedBy(services: Pick<Services, 'settings'>, request: Request): ChangedBy {
  const { language } = shellOf(services, request).words
  return { language, userAgent: request.headers.get('user-agent') ?? '' }
}
