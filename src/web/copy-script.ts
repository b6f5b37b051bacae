/**
 * The script that copies a text to the clipboard at a press of a button; the page works without
 * it, and then shows no such button. It has no data in it, is served under a name that holds the
 * hash of its text, and the policy of a page that uses it lets scripts from here run.
 */
import { createHash } from 'node:crypto'

const body = `// Shows the buttons that copy, where the browser can.
for (const button of document.querySelectorAll('button[data-copy]')) {
  const source = document.getElementById(button.dataset.copy)
  if (!source || !navigator.clipboard) continue
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(source.textContent)
    button.nextElementSibling.textContent = button.dataset.copied
  })
}
`

const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)

export const copyScript = {
  path: `/assets/copy-${hash}.js`,
  body,
  headers: {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  },
} as const
