/**
 * Parameters of a request, as RFC 6749 wants them: each at most once, an empty one as if it were
 * absent, unknown ones ignored.
 *
 * @see [RFC 6749 §3.1 - Authorization Endpoint](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.1)
 * @see [RFC 6749 §3.2 - Token Endpoint](https://www.rfc-editor.org/rfc/rfc6749.html#section-3.2)
 */
import { OAuthError } from './oauth-error.ts'

/**
 * Names that an error may repeat. Any other may be a secret that was pasted where a name belongs.
 */
const namesOfOurs = new Set([
  ...['client_id', 'client_secret', 'redirect_uri', 'response_type', 'response_mode', 'scope'],
  ...['state', 'nonce', 'prompt', 'max_age', 'login_hint', 'code_challenge', 'request'],
  ...[
    'code_challenge_method',
    'request_uri',
    'authorization_details',
    'grant_type',
    'code',
    'code_verifier',
  ],
  ...['refresh_token', 'token', 'token_type_hint', 'id_token_hint', 'acr_values', 'claims'],
  ...['post_logout_redirect_uri', 'logout_hint', 'ui_locales', 'display', 'dpop_jkt'],
  ...['device_code', 'user_code', 'audience', 'requested_token_type', 'subject_token'],
  ...['subject_token_type', 'actor_token', 'actor_token_type', 'assertion'],
  ...['auth_req_id', 'login_hint_token', 'binding_message', 'requested_expiry'],
  'client_notification_token',
])

/** `resource` may be repeated (RFC 8707 §2). */
const repeatable = new Set(['resource'])

export const parameterCountMax = 64

export class Parameters {
  readonly #values: URLSearchParams

  /** @throws {OAuthError} invalid_request when a parameter repeats or there are over 64 */
  constructor(values: URLSearchParams) {
    const seen = new Set<string>()
    let count = 0
    for (const name of values.keys()) {
      count += 1
      if (count > parameterCountMax) throw new OAuthError('invalid_request', 'Too many parameters')
      if (seen.has(name) && !repeatable.has(name)) {
        throw new OAuthError(
          'invalid_request',
          `Repeated parameter${namesOfOurs.has(name) ? `: ${name}` : ''}`,
        )
      }
      seen.add(name)
    }
    this.#values = values
  }

  get(name: string): string | undefined {
    return this.#values.get(name) || undefined
  }

  /** @throws {OAuthError} invalid_request in the words `Missing required parameter: <name>` */
  require(name: string): string {
    const value = this.get(name)
    if (value === undefined) {
      throw new OAuthError('invalid_request', `Missing required parameter: ${name}`)
    }
    return value
  }

  all(name: string): string[] {
    return this.#values.getAll(name).filter((value) => value !== '')
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }
}

/** Splits a scope value; RFC 6749 §3.3 allows these characters only. */
export function parseScope(text: string | undefined): string[] {
  const scopes = (text ?? '').split(' ').filter((scope) => scope !== '')
  if (scopes.some((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) {
    throw new OAuthError('invalid_scope', 'The scope holds a character that is not allowed')
  }
  return [...new Set(scopes)]
}
