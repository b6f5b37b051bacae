/**
 * The one stylesheet of every page: Pico (MIT, its notice stays in the text) and our own sheets
 * after it. All parts are imported as text, which puts them inside the compiled binary.
 */
import pico from '@picocss/pico/css/pico.min.css' with { type: 'text' }
import admin from './admin.css' with { type: 'text' }
import agents from './agents.css' with { type: 'text' }
import approvals from './approvals.css' with { type: 'text' }
import apps from './apps.css' with { type: 'text' }
import { nameByContent } from './asset.ts'
import grantlog from './grantlog.css' with { type: 'text' }
import keys from './keys.css' with { type: 'text' }
import navigation from './navigation.css' with { type: 'text' }
import pages from './pages.css' with { type: 'text' }
import palette from './palette.css' with { type: 'text' }
import rhythm from './rhythm.css' with { type: 'text' }
import security from './security.css' with { type: 'text' }

export const stylesheet = nameByContent(
  [
    ...[pico, palette, grantlog, pages, keys, apps],
    ...[agents, approvals, admin, security, navigation, rhythm],
  ].join('\n'),
  {
    extension: 'css',
    contentType: 'text/css; charset=utf-8',
  },
)
