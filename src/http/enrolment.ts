/** The page on which an app for codes is set up: at sign-in where it must be, and on the account. */
import { totpOffer } from '../identity/second-factor.ts'
import { base32 } from '../identity/totp.ts'
import type { User } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { newNonce } from '../protocol/tokens/token-text.ts'
import { enrolmentPage } from '../web/enrolment.tsx'
import type { PageShell } from '../web/layout.tsx'
import type { SecurityProblem } from '../web/security-problem.ts'
import { type PageOptions, pageResponse } from './page-response.ts'

interface Enrolment {
  readonly shell: PageShell
  readonly user: User
  readonly action: string
  readonly csrf: string
  readonly hidden: Readonly<Record<string, string>>
  readonly required: boolean
  /** Of the page that was sent, so that the app need not be set up again after a wrong code. */
  readonly nonce: string | null
  readonly page: PageOptions
  readonly problem?: SecurityProblem
  readonly retryAfterSeconds?: number
}

export function enrolmentResponse(
  services: Services,
  { shell, user, page, hidden, ...shown }: Enrolment,
): Response {
  const nonce = shown.nonce?.slice(0, 100) || newNonce()
  const { seed, uri } = totpOffer(services, user, nonce)
  const html = enrolmentPage({
    ...shell,
    ...shown,
    hidden: { ...hidden, nonce },
    uri,
    key: base32(seed),
  })
  return pageResponse(html, page)
}
