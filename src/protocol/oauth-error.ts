/**
 * A refusal that a client reads. It has two readers: `code` and `description` go to the client,
 * `cause` goes to our log. At the authorization endpoint it also knows whether it may travel back
 * to the client by redirect, or must be shown to the person instead.
 *
 * @see [RFC 6749 §5.2 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)
 * @see [RFC 6749 §4.1.2.1 - Authorization Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2.1)
 */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'access_denied'
  | 'login_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'invalid_request_uri'
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'missing_authorization'
  | 'rate_limit_exceeded'

const statusOf: Partial<Record<OAuthErrorCode, number>> = {
  invalid_client: 401,
  invalid_token: 401,
  missing_authorization: 401,
  insufficient_scope: 403,
  access_denied: 403,
  rate_limit_exceeded: 429,
}

export interface OAuthErrorDetail {
  /** For our log: what really was the matter. Never sent. */
  readonly cause?: string
  /** The event that recorded the refusal, for whoever asks the audit. */
  readonly eventId?: string
  readonly headers?: Readonly<Record<string, string>>
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
    return statusOf[this.code] ?? 400
  }
}
