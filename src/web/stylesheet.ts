/**
 * The one stylesheet of every page: Pico (MIT, its notice stays in the text) and our own sheets
 * after it. Its name holds a hash of its text, so a browser may keep it for ever and still never
 * shows a new page with an old sheet. All parts are imported as text, which puts them inside the
 * compiled binary.
 */
import { createHash } from 'node:crypto'
import pico from '@picocss/pico/css/pico.min.css' with { type: 'text' }
import admin from './admin.css' with { type: 'text' }
import apps from './apps.css' with { type: 'text' }
import grantlog from './grantlog.css' with { type: 'text' }
import keys from './keys.css' with { type: 'text' }
import pages from './pages.css' with { type: 'text' }
import palette from './palette.css' with { type: 'text' }

export interface Stylesheet {
  readonly path: string
  readonly body: string
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
}

function nameByContent(body: string): Stylesheet {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
  const etag = `"${hash}"`
  return {
    path: `/assets/grantlog-${hash}.css`,
    body,
    etag,
    headers: {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      etag,
      'x-content-type-options': 'nosniff',
    },
  }
}

export const stylesheet: Stylesheet = nameByContent(
  [pico, palette, grantlog, pages, keys, apps, admin].join('\n'),
)
