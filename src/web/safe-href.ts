/**
 * Which URLs from outside may become a link, and how a place on the web is named to a person.
 *
 * Only `https:`, and `http:` to this very computer, are ever links: `javascript:`, `data:` and
 * every other scheme are text at most. A URL with a user name in it (`https://bank.example@evil…`)
 * is nobody's homepage. Hosts are shown in their ASCII form, so that `аpple.com` with a Cyrillic
 * letter reads `xn--pple-43d.com`.
 */
import { plainText } from './clean-text.ts'

const urlLengthMax = 2048
const hostGraphemesMax = 253

/** The URL as it may stand in an `href`, or undefined when it must not be a link. */
export function safeHref(url: string | undefined): string | undefined {
  const parsed = parseUrl(url)
  if (!parsed || parsed.username || parsed.password) return undefined
  if (parsed.protocol === 'https:') return parsed.href
  if (parsed.protocol === 'http:' && isLoopback(parsed.hostname)) return parsed.href
  return undefined
}

export function parseUrl(url: string | undefined): URL | undefined {
  if (!url || url.length > urlLengthMax) return undefined
  return URL.parse(url) ?? undefined
}

/** Expects a host as the URL parser writes it: lower case, numbers as dotted quads. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/**
 * Where the answer to a consent goes, for people: the host in ASCII, with its port if it has an
 * unusual one; for an app's own scheme the scheme and what follows it, `cursor://anysphere…`.
 */
export function redirectHostOf(redirectUri: string): string {
  const parsed = parseUrl(redirectUri)
  if (!parsed) return asciiHost(redirectUri)
  if (parsed.protocol === 'https:' || parsed.protocol === 'http:') return parsed.host
  return asciiHost(parsed.host ? `${parsed.protocol}//${parsed.host}` : parsed.protocol)
}

/** A host that somebody else wrote, in ASCII: punycode for names, percent-encoding for the rest. */
export function asciiHost(host: string): string {
  const cleaned = plainText(host, { graphemesMax: hostGraphemesMax })
  const parsed = /^[^/@?#\\\s]*[^/@?#\\\s:]$/.test(cleaned)
    ? parseUrl(`https://${cleaned}`)
    : undefined
  // The parser drops 443 as the usual port; `localhost:443` is spelled out for what it is.
  if (parsed) return /:443$/.test(cleaned) ? `${parsed.hostname}:443` : parsed.host
  return cleaned.replace(/[^\x20-\x7e…]/gu, (letter) => encodeURIComponent(letter))
}
