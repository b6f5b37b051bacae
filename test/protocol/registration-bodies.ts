/**
 * What real clients register with, and what of it the reply must hold.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
type Body = Record<string, unknown>

const code = ['authorization_code', 'refresh_token']

export const clients: Record<string, { sent: Body; replied: Body }> = {
  'the TypeScript SDK 1.x, which sends hardly anything': {
    sent: {
      client_name: 'sdk',
      redirect_uris: ['http://localhost:6274/oauth/callback'],
      scope: 'book read',
    },
    replied: {
      scope: 'book read',
      grant_types: code,
      token_endpoint_auth_method: 'client_secret_basic',
    },
  },
  'the TypeScript SDK 2.x': {
    sent: {
      client_name: 'sdk 2',
      redirect_uris: ['http://127.0.0.1:6276/oauth/callback'],
      grant_types: code,
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    replied: { application_type: 'native', token_endpoint_auth_method: 'none' },
  },
  'VS Code, with four redirect URIs and device_code': {
    sent: {
      client_name: 'Visual Studio Code',
      client_uri: 'https://code.visualstudio.com',
      grant_types: [...code, 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      redirect_uris: [
        'https://insiders.vscode.dev/redirect',
        'https://vscode.dev/redirect',
        'http://127.0.0.1/',
        'http://127.0.0.1:33418/',
      ],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    replied: {
      grant_types: [...code, 'urn:ietf:params:oauth:grant-type:device_code'],
      client_uri: 'https://code.visualstudio.com',
    },
  },
  'Cursor, with a scheme of its own': {
    sent: {
      client_name: 'Cursor',
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
      grant_types: code,
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    replied: {
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
    },
  },
  'Claude Code, with loopback URIs that have no port': {
    sent: {
      client_name: 'Claude Code (test)',
      redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
      grant_types: code,
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: 'book read offline_access',
    },
    replied: { scope: 'book read' },
  },
  'a client like ChatGPT, confidential and with everything said': {
    sent: {
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      grant_types: code,
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
      client_uri: 'https://chatgpt.com',
      logo_uri: 'https://chatgpt.com/logo.png',
      tos_uri: 'https://openai.com/terms',
      policy_uri: 'https://openai.com/privacy',
      contacts: ['support@example.com'],
      software_id: 'chatgpt',
      software_version: '1.0',
    },
    replied: {
      token_endpoint_auth_method: 'client_secret_post',
      contacts: ['support@example.com'],
    },
  },
  'a client whose optional fields are null': {
    sent: {
      client_name: null,
      redirect_uris: ['http://localhost:1/cb'],
      grant_types: null,
      response_types: null,
      token_endpoint_auth_method: null,
      application_type: null,
      scope: null,
      client_uri: null,
      logo_uri: null,
      contacts: null,
      jwks: null,
    },
    replied: { client_name: 'Unnamed client', grant_types: code },
  },
  'a client whose optional fields are empty': {
    sent: {
      client_name: '',
      redirect_uris: ['http://localhost:1/cb'],
      grant_types: [],
      response_types: [],
      token_endpoint_auth_method: '',
      scope: '',
      client_uri: '',
      logo_uri: '',
      tos_uri: '',
      policy_uri: '',
      contacts: [],
      software_id: '',
    },
    replied: { client_name: 'Unnamed client', grant_types: code, response_types: ['code'] },
  },
  'a client that says more than we know': {
    sent: {
      redirect_uris: ['http://localhost:1/cb'],
      backchannel_logout_uri: 'x',
      'client_name#de': 'x',
      __proto__: null,
    },
    replied: { redirect_uris: ['http://localhost:1/cb'] },
  },
}
