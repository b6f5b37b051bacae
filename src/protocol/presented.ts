/**
 * What a request shows of who sends it: its credentials, and its proofs of holding a key. Nothing
 * of it is checked here.
 *
 * @see [RFC 9449 §4.3 - Checking DPoP Proofs](https://www.rfc-editor.org/rfc/rfc9449.html#section-4.3) for its URLs
 */
import type { Settings } from '../config/settings.ts'
import { contextOf, pathOf } from './request-context.ts'
import { type ClientCertificate, readClientCertificate } from './tokens/client-certificate.ts'

export interface Presented {
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  readonly method: string
  /** Every URL under which a client may know this endpoint, without query. */
  readonly urls: readonly string[]
  /** The `DPoP` header. */
  readonly proof: string | undefined
  /** That the client's connection was made with. */
  readonly certificate: ClientCertificate | undefined
  /** Where the request came from. */
  readonly address: string
}

export function presentedBy(settings: Settings, request: Request): Presented {
  const header = (name: string) => request.headers.get(name) ?? undefined
  return {
    authorization: header('authorization'),
    method: request.method,
    urls: publicUrls(settings, pathOf(request)),
    proof: header('dpop'),
    certificate: contextOf(request).isFromProxy ? certificateIn(settings, header) : undefined,
    address: contextOf(request).remoteAddress,
  }
}

function certificateIn(
  { mtls }: Settings,
  header: (name: string) => string | undefined,
): ClientCertificate | undefined {
  const { certificateHeader, verifiedHeader, verifiedValue } = mtls
  if (certificateHeader === undefined) return undefined
  const isVerified = verifiedHeader !== undefined && header(verifiedHeader) === verifiedValue
  return readClientCertificate(header(certificateHeader), { isVerified })
}

/** Below the issuer and the API, at their roots, and below each prefix: see `below` of the server. */
function publicUrls(settings: Settings, path: string): string[] {
  let bases = publicBases.get(settings)
  if (!bases) {
    bases = basesOf(settings)
    publicBases.set(settings, bases)
  }
  return bases.map((base) => base + path)
}

const publicBases = new WeakMap<Settings, readonly string[]>()

function basesOf({ issuer, apiUrl, mtls, pathPrefixes }: Settings): string[] {
  const named = [issuer, apiUrl, mtls.apiUrl].filter((base) => base !== undefined)
  const all = new Set(named.flatMap((base) => [base, new URL(base).origin]))
  return [...all].flatMap((base) => ['', ...pathPrefixes].map((prefix) => base + prefix))
}
