/**
 * What a client may get at most, by the scope that it was registered with. What an operator wrote
 * for a client is a limit. What a client wrote for itself is a wish, since many name a scope that
 * is narrower than what they need, unless the operator takes clients at their word.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
import type { Settings } from '../../config/settings.ts'
import { OAuthError } from '../oauth-error.ts'
import { parseScope } from '../parameters.ts'
import type { KnownClient } from './known-client.ts'

interface Whose {
  readonly settings: Settings
  readonly client: Pick<KnownClient, 'registeredVia' | 'metadata'>
}

/** Undefined where nothing limits it. */
function scopeLimit({ settings, client }: Whose): string[] | undefined {
  const isLimit = client.registeredVia === 'preregistered' || settings.registration.scopeIsLimit
  const { scope } = client.metadata
  return isLimit && scope !== undefined ? parseScope(scope) : undefined
}

/**
 * The scopes among these that the client may get.
 * @throws {OAuthError} invalid_scope when none is
 */
export function scopesOfClient(whose: Whose, scopes: readonly string[]): string[] {
  const limit = scopeLimit(whose)
  const kept = limit ? scopes.filter((scope) => limit.includes(scope)) : [...scopes]
  if (kept.length > 0 || scopes.length === 0) return kept
  throw new OAuthError('invalid_scope', 'None of the scopes is one that the client registered for')
}
