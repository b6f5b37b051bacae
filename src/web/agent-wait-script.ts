/** The one script of the page that waits for an agent. */

import script from './agent-wait.client.js' with { type: 'text' }
import { nameByContent } from './asset.ts'

export const agentWaitScript = nameByContent(script, {
  extension: 'js',
  contentType: 'text/javascript; charset=utf-8',
})
