/**
 * What a setting's text must look like beyond being text. The rules are registered as TypeBox
 * formats, so that the schema alone says which setting obeys which.
 *
 * @see [RFC 8414 §2 - Authorization Server Metadata](https://www.rfc-editor.org/rfc/rfc8414.html#section-2) for the issuer
 * @see [RFC 8707 §2 - Resource Parameter](https://www.rfc-editor.org/rfc/rfc8707.html#section-2) for resources
 */
import { isIP } from 'node:net'
import { FormatRegistry } from '@sinclair/typebox'

/** Each format with the words that a message uses for it. */
export const formats = {
  'base-url': {
    test: isBaseUrl,
    expected:
      'an https URL without query, fragment or trailing slash (http only on a loopback host)',
  },
  'web-url': {
    test: isWebUrl,
    expected: 'an https URL without credentials or fragment (http only on a loopback host)',
  },
  'resource-id': { test: isResourceId, expected: 'an absolute URI without a fragment' },
  'database-url': {
    test: isDatabaseUrl,
    expected: 'a URL that starts with file:, http://, https:// or libsql://',
  },
  'address-range': {
    test: isAddressRange,
    expected: 'an IP address or a range such as 10.0.0.0/8',
  },
  origin: { test: isOrigin, expected: '* or an origin such as https://app.example.com' },
  'redirect-pattern': {
    test: isRedirectPattern,
    expected: 'an https URL in which a whole segment may be {id}, or http://localhost:*/…',
  },
  host: { test: isHost, expected: 'a host, with its port unless that is 443' },
  'smtp-url': {
    test: (text: string) => /^smtps?:\/\/[^/\s]+$/.test(text) && URL.canParse(text),
    expected: 'a URL such as smtps://user:password@mail.example.com',
  },
  'e-mail': {
    test: (text: string) => /^[^\s@]+@[^\s@]+$/.test(text),
    expected: 'an e-mail address',
  },
} as const

export type SettingFormat = keyof typeof formats

for (const [name, { test }] of Object.entries(formats)) FormatRegistry.Set(name, test)

/** Whether a host name of a URL can only mean this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && !text.endsWith('/') && !text.includes('?') && isWebUrl(text)
}

function isWebUrl(text: string): boolean {
  const url = URL.parse(text)
  if (!url || /[#\s]/.test(text) || url.username || url.password) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
}

function isResourceId(text: string): boolean {
  return URL.canParse(text) && !/[#\s]/.test(text)
}

function isDatabaseUrl(text: string): boolean {
  if (text.startsWith('file:')) return text.length > 'file:'.length
  return /^(https?|libsql):\/\//.test(text) && URL.canParse(text)
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

function isOrigin(text: string): boolean {
  return text === '*' || URL.parse(text)?.origin === text
}

function isRedirectPattern(text: string): boolean {
  const path = String.raw`(?:\/(?:\{id\}|[\w.~!$&'()+,;=:@%-]*))+`
  const web = new RegExp(String.raw`^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?${path}$`)
  const loopback = /^http:\/\/localhost:\*\/(?:\*|[\w.~!$&'()+,;=:@%/-]*)$/
  return web.test(text) || loopback.test(text)
}

function isHost(text: string): boolean {
  return /^[a-z0-9.[\]:-]+$/.test(text) && URL.parse(`https://${text}`)?.host === text
}
