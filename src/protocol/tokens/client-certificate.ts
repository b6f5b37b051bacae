/**
 * The certificate that a client's connection was made with. A proxy ends TLS, lets the client
 * prove that it holds the key, and hands the certificate on in a header. Tokens are bound to its
 * thumbprint, for which it does not matter who signed it.
 *
 * The forms that proxies write it in: `:base64:` (RFC 9440), plain base64 (Caddy, HAProxy), PEM
 * escaped for URLs with or without its lines (nginx, Traefik), and Envoy's
 * `X-Forwarded-Client-Cert` with one element.
 *
 * @see [RFC 8705 §3.1 - JWT Certificate Thumbprint Confirmation Method](https://www.rfc-editor.org/rfc/rfc8705.html#section-3.1)
 * @see [RFC 9440 §2.2 - Client-Cert HTTP Header Field](https://www.rfc-editor.org/rfc/rfc9440.html#section-2.2)
 */
import { createHash } from 'node:crypto'

const headerCharactersMax = 16_384
/** Every certificate is a DER sequence with a length of two bytes or more. */
const derStart = /^30(8[1-4])/

export interface ClientCertificate {
  readonly der: Buffer
  /** SHA-256, unpadded base64url. */
  readonly thumbprint: string
  /** Whether the proxy says that an authority which it trusts has issued it. */
  readonly isVerified: boolean
}

/** Undefined if the header holds none that can be read. */
export function readClientCertificate(
  header: string | undefined,
  { isVerified }: { isVerified: boolean },
): ClientCertificate | undefined {
  if (!header || header.length > headerCharactersMax) return undefined
  const base64 = base64Of(header)
  if (base64 === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const der = Buffer.from(base64, 'base64')
  if (!derStart.test(der.subarray(0, 2).toString('hex'))) return undefined
  return { der, thumbprint: createHash('sha256').update(der).digest('base64url'), isVerified }
}

function base64Of(header: string): string | undefined {
  const standard = /^:(.*):$/.exec(header)?.[1]
  if (standard !== undefined) return standard
  const isEnvoy = /^(by|hash|cert|chain|subject|uri|dns)=/i.test(header)
  const escaped = isEnvoy ? certOfElement(header) : header
  // A second certificate stays in the text, and then it is none: which is the client's is not said.
  return unescaped(escaped)
    ?.replace(/^\s*-----BEGIN CERTIFICATE-----/, '')
    .replace(/-----END CERTIFICATE-----\s*$/, '')
    .replace(/\s/g, '')
}

/** Read pair by pair: the subject is the client's own words, and may look like another pair. */
function certOfElement(element: string): string | undefined {
  const pair = /([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^;,"]*))(?:;|$)/y
  const certificates: string[] = []
  while (pair.lastIndex < element.length) {
    const found = pair.exec(element)
    if (!found) return undefined
    if (found[1]?.toLowerCase() === 'cert') certificates.push(found[2] ?? found[3] ?? '')
  }
  return certificates.length === 1 ? certificates[0] : undefined
}

function unescaped(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    return undefined
  }
}
