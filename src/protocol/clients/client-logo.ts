/**
 * The picture that a client calls its own, fetched by this server once and kept for a day, so that
 * the client's host never learns who looks at a consent, and no browser runs what it sends. What
 * is no small picture is not kept, and for an hour not asked for again.
 *
 * @see [RFC 7591 §5 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7591.html#section-5)
 */
import { sha256 } from '../../domain/keyring.ts'
import type { Services } from '../services.ts'
import type { KnownClient } from './known-client.ts'
import { type RasterImage, readRasterImage } from './raster-image.ts'

const logoKind = 'client-logo'
const logoBytesMax = 100 * 1024
const keptMs = 24 * 60 * 60 * 1000
const missedMs = 60 * 60 * 1000
/** A page does not wait longer for a picture; the next one has it. */
const patienceMs = 1000

export interface Logo {
  readonly type: RasterImage['type']
  /** Base64. */
  readonly data: string
}

type Kept = Logo | { readonly type: 'none' }
type LogoServices = Pick<Services, 'expiring' | 'outbound' | 'logger' | 'now'>

/** Under which id the client's logo can be had here; undefined when there is none to show. */
export async function findLogoId(
  services: LogoServices,
  client: Pick<KnownClient, 'metadata' | 'approvedAt'>,
): Promise<string | undefined> {
  const { logoUri } = client.metadata
  if (logoUri === undefined) return undefined
  const id = sha256(logoUri)
  const kept = (await services.expiring.get(logoKind, id)) as Kept | undefined
  if (kept) return kept.type === 'none' ? undefined : id
  const fetching = fetchLogo(services, { id, logoUri, known: client.approvedAt !== undefined })
  const found = await Promise.race([fetching, patience()])
  return found ? id : undefined
}

function patience(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), patienceMs).unref())
}

export async function readLogo(
  { expiring }: Pick<Services, 'expiring'>,
  id: string,
): Promise<Logo | undefined> {
  const kept = (await expiring.get(logoKind, id)) as Kept | undefined
  return kept === undefined || kept.type === 'none' ? undefined : kept
}

/** @returns whether there is one now; never fails, for a page goes on without */
async function fetchLogo(
  { outbound, expiring, logger, now }: LogoServices,
  { id, logoUri, known }: { id: string; logoUri: string; known: boolean },
): Promise<boolean> {
  try {
    const answer = await outbound.request({
      url: logoUri,
      headers: { accept: 'image/png, image/jpeg, image/webp, image/gif' },
      bytesMax: logoBytesMax,
      encoding: 'base64',
      known,
    })
    const data = answer.outcome === 'answered' && answer.status === 200 ? answer.body : ''
    const image = readRasterImage(Buffer.from(data, 'base64'))
    const body: Kept = image ? { type: image.type, data } : { type: 'none' }
    const expiresAt = now() + (image ? keptMs : missedMs)
    await expiring.put({ kind: logoKind, id, body, expiresAt })
    return image !== undefined
  } catch (error) {
    logger.warn({ cause: String(error) }, "a client's logo was not fetched")
    return false
  }
}
