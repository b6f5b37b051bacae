/** The one script of all pages, for what only a browser can do: ask an authenticator. */

import { nameByContent } from './asset.ts'
import script from './passkey.client.js' with { type: 'text' }

export const passkeyScript = nameByContent(script, {
  extension: 'js',
  contentType: 'text/javascript; charset=utf-8',
})
