/**
 * Every error code that any endpoint answers with, its usual status, what it means, and what a
 * client does about it. The reference page, the table in docs/errors.md and the statuses come from here.
 *
 * @see [RFC 6749 §5.2 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2)
 * @see [RFC 6750 §3.1 - Error Codes](https://www.rfc-editor.org/rfc/rfc6750.html#section-3.1)
 * @see [RFC 7591 §3.2.2 - Client Registration Error Response](https://www.rfc-editor.org/rfc/rfc7591.html#section-3.2.2)
 */

export interface ErrorCode {
  readonly status: number
  readonly meaning: string
  readonly remedy: string
}

export const errorCodes = {
  invalid_request: {
    status: 400,
    meaning: 'A parameter is missing, malformed or there twice, or the body cannot be read',
    remedy: 'Read the description: it names the parameter',
  },
  invalid_grant: {
    status: 400,
    meaning:
      'The code or refresh token is unknown, expired, used, revoked or somebody else’s, or its verifier or redirect URI does not fit',
    remedy: 'Send the person through authorization again; do not repeat the request',
  },
  unauthorized_client: {
    status: 400,
    meaning: 'This client may not use this grant type',
    remedy: 'Register the client for it',
  },
  unsupported_grant_type: {
    status: 400,
    meaning: 'The server does not offer this grant type',
    remedy: 'Use one that the metadata names',
  },
  unsupported_response_type: {
    status: 400,
    meaning: 'The response type is not `code`',
    remedy: 'Ask for `code`',
  },
  invalid_scope: {
    status: 400,
    meaning: 'The scope is malformed, not offered, or more than was granted',
    remedy: 'Ask for scopes that the metadata names',
  },
  invalid_target: {
    status: 400,
    meaning: 'The resource is not known here, or not what was granted',
    remedy: 'Send the `resource` that its metadata names',
  },
  invalid_authorization_details: {
    status: 400,
    meaning: 'The authorization details are malformed, of an unknown type, or not what was granted',
    remedy: 'Send types that `authorization_details_types_supported` names, with their fields',
  },
  invalid_request_object: {
    status: 400,
    meaning: 'The signed request is not one of this client, is for another server, or has expired',
    remedy: 'Sign it with a registered key, for the issuer, anew for each request',
  },
  request_uri_not_supported: {
    status: 400,
    meaning: 'A request URI counts only where this server gave it out',
    remedy: 'Push the request first',
  },
  invalid_request_uri: {
    status: 400,
    meaning: 'The pushed request has expired, was used, or is another client’s',
    remedy: 'Push it again',
  },
  invalid_dpop_proof: {
    status: 400,
    meaning:
      'The DPoP proof is malformed, old, used before, or for another request, token or key; 401 at a resource',
    remedy: 'Make a new proof for each request, with a clock that is right',
  },
  use_dpop_nonce: {
    status: 400,
    meaning: 'The DPoP proof must carry the nonce of this answer; 401 at a resource',
    remedy: 'Repeat the request with a new proof that has the nonce of `DPoP-Nonce`',
  },
  invalid_redirect_uri: {
    status: 400,
    meaning: 'The redirect URI is neither https nor on loopback, or is not registered',
    remedy: 'Use https, and register the exact URI',
  },
  invalid_client_metadata: {
    status: 400,
    meaning: 'A field of the registration is malformed, or the name is somebody’s protected brand',
    remedy: 'Read the description: it names the field',
  },
  invalid_client: {
    status: 401,
    meaning: 'The client is unknown, or did not prove who it is',
    remedy: 'Check client id and secret; register anew if the registration has expired',
  },
  invalid_token: {
    status: 401,
    meaning: 'The access token is unknown, expired, revoked, or for another resource',
    remedy: 'Refresh, or start again with authorization',
  },
  missing_authorization: {
    status: 401,
    meaning: 'There is no `Authorization: Bearer` header',
    remedy: 'Send one; the challenge says where to get a token',
  },
  login_required: {
    status: 400,
    meaning: 'Nobody is signed in, and the request asked for no page',
    remedy: 'Ask again without `prompt=none`',
  },
  consent_required: {
    status: 400,
    meaning: 'The person has to answer, and the request asked for no page',
    remedy: 'Ask again without `prompt=none`',
  },
  access_denied: {
    status: 403,
    meaning: 'The person, or a rule of the operator, said no',
    remedy: 'Take it as the answer; do not repeat the request',
  },
  unknown_user_id: {
    status: 400,
    meaning: 'Nobody who could be asked goes by what the hint says',
    remedy: 'Ask the person how they sign in here',
  },
  invalid_binding_message: {
    status: 400,
    meaning: 'The binding message is too long, or is no plain text',
    remedy: 'Send a few words of plain text, at most 64 characters',
  },
  authorization_pending: {
    status: 400,
    meaning: 'The person has not answered yet',
    remedy: 'Ask again after `interval` seconds',
  },
  slow_down: {
    status: 400,
    meaning: 'A device, or a client, asks too often',
    remedy: 'Wait five seconds more between two requests from now on',
  },
  expired_token: {
    status: 400,
    meaning: 'Nobody answered in time',
    remedy: 'Ask anew',
  },
  insufficient_user_authentication: {
    status: 401,
    meaning:
      'The resource wants a newer or better proof of who the person is; the challenge says which',
    remedy: 'Send the person through authorization again, with that `acr_values` and `max_age`',
  },
  insufficient_scope: {
    status: 403,
    meaning: 'The token lacks a scope; the challenge names it',
    remedy: 'Ask for authorization with that scope too',
  },
  not_found: {
    status: 404,
    meaning: 'Nothing is at this address',
    remedy: 'Take addresses from the metadata',
  },
  method_not_allowed: {
    status: 405,
    meaning: 'The address takes other methods; `Allow` names them',
    remedy: 'Use one of those',
  },
  agent_id_taken: {
    status: 409,
    meaning: 'Another agent goes by this `agent_id`, or went by it',
    remedy: 'Choose another',
  },
  lease_lost: {
    status: 409,
    meaning: 'The job went to another worker, or is not this one’s',
    remedy: 'Leave the job as it is, and claim the next',
  },
  job_over: {
    status: 409,
    meaning: 'The job has ended',
    remedy: 'Ask how it ended; nothing more can happen to it',
  },
  job_conflict: {
    status: 409,
    meaning: 'The job’s status, or what it asks for, is another one by now',
    remedy: 'Read the job again',
  },
  misdirected_request: {
    status: 421,
    meaning: 'Another host answers this, or a server on loopback was asked under another name',
    remedy: 'Use the addresses that the metadata names',
  },
  idempotency_key_reused: {
    status: 422,
    meaning: 'The idempotency key was used for another call',
    remedy: 'Take a new key for each call, and the same one to repeat it',
  },
  too_many_jobs: {
    status: 429,
    meaning: 'Too many jobs of this person, or of this client, are not over yet',
    remedy: 'Wait until some are over, or cancel them',
  },
  rate_limit_exceeded: {
    status: 429,
    meaning: 'Too many requests, or too many that failed',
    remedy: 'Wait as many seconds as `Retry-After` says',
  },
  server_error: {
    status: 500,
    meaning: 'Something went wrong here',
    remedy: 'Try again later; the operator finds the request id in the log',
  },
  auth_backend_unavailable: {
    status: 503,
    meaning: 'The database does not answer',
    remedy: 'Try again after `Retry-After` seconds, then after ever longer pauses',
  },
} as const satisfies Readonly<Record<string, ErrorCode>>

export type ErrorCodeName = keyof typeof errorCodes

/** Between these docs/errors.md keeps the table; a test compares. */
export const errorMarkers = { from: '<!-- errors -->', to: '<!-- /errors -->' } as const

/** All of them, the lowest status first. */
export function errorsByStatus(): ({ readonly name: string } & ErrorCode)[] {
  return Object.entries(errorCodes)
    .map(([name, code]) => ({ name, ...code }))
    .toSorted((a, b) => a.status - b.status)
}

/** The same as a table in Markdown. */
export function errorsAsMarkdown(): string {
  const rows = errorsByStatus().map(
    ({ name, status, meaning, remedy }) => `| ${status} | \`${name}\` | ${meaning} | ${remedy} |`,
  )
  const head = ['| Status | `error` | Meaning | What to do |', '| --- | --- | --- | --- |']
  return [...head, ...rows].join('\n')
}
