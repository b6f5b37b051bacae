/**
 * A file that pages load. Its name holds a hash of its text, so a browser may keep it for ever and
 * still never shows a new page with an old file.
 */
import { createHash } from 'node:crypto'

export interface Asset {
  readonly path: string
  readonly body: string
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
}

export function nameByContent(
  body: string,
  { extension, contentType }: { extension: string; contentType: string },
): Asset {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
  const etag = `"${hash}"`
  return {
    path: `/assets/grantlog-${hash}.${extension}`,
    body,
    etag,
    headers: {
      'content-type': contentType,
      'cache-control': 'public, max-age=31536000, immutable',
      etag,
      'x-content-type-options': 'nosniff',
    },
  }
}
