/**
 * Metadata documents that are used as they stand here, or in the settings, and never fetched:
 * some sites answer a data centre's address with 403, and then nobody who uses them could sign in.
 *
 * @see [OAuth Client ID Metadata Document §6 - Security Considerations](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-00#section-6)
 */
import type { Settings } from '../../config/settings.ts'

type WellKnown = Settings['clientIdDocuments']['wellKnown'][number]

/** What these clients are known to send; the rest of their documents is not needed. */
const wellKnownDocuments: Readonly<Record<WellKnown, Record<string, unknown>>> = {
  'claude.ai': {
    client_id: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
    client_name: 'Claude',
    client_uri: 'https://claude.ai',
    redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
}

/** As JSON text; an operator's own goes before one that is built in. */
export function pinnedDocument(
  { clientIdDocuments }: Pick<Settings, 'clientIdDocuments'>,
  clientId: string,
): string | undefined {
  const own = clientIdDocuments.pinned.find(({ url }) => url === clientId)
  if (own) return own.document
  const builtIn = clientIdDocuments.wellKnown
    .map((name) => wellKnownDocuments[name])
    .find((document) => document.client_id === clientId)
  return builtIn && JSON.stringify(builtIn)
}
