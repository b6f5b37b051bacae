/**
 * A refusal that a client reads. It has two readers: `code` and `description` go to the client,
 * `cause` goes to our log. At the authorization endpoint it also knows whether it may travel back
 * to the client by redirect, or must be shown to the person instead.
 *
 * @see [RFC 6749 §5.2 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)
 * @see [RFC 6749 §4.1.2.1 - Authorization Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2.1)
 */
import { type ErrorCodeName, errorCodes } from './error-codes.ts'

export type OAuthErrorCode = ErrorCodeName

export interface OAuthErrorDetail {
  /** For our log: what really was the matter. Never sent. */
  readonly cause?: string
  /** The event that recorded the refusal, for whoever asks the audit. */
  readonly eventId?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Where it is not the one that the code has everywhere else. */
  readonly status?: number
}

export class OAuthError extends Error {
  override name = 'OAuthError'
  readonly code: OAuthErrorCode
  readonly detail: OAuthErrorDetail

  constructor(code: OAuthErrorCode, description: string, detail: OAuthErrorDetail = {}) {
    super(description)
    this.code = code
    this.detail = detail
  }

  get status(): number {
    return this.detail.status ?? errorCodes[this.code].status
  }
}
