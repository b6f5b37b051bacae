/**
 * The forms in which proxies hand a client's certificate on.
 *
 * @see [RFC 9440 §2.2 - Client-Cert HTTP Header Field](https://www.rfc-editor.org/rfc/rfc9440.html#section-2.2)
 */
import { createHash } from 'node:crypto'
import { readClientCertificate } from '../../../src/protocol/tokens/client-certificate.ts'
import { selfSigned } from '../../support/certificate.ts'
import { describe, expect, test } from '../../support/test.ts'

const pem = selfSigned(['client.example']).certificate
const base64 = pem.replace(/-----[A-Z ]+-----|\n/g, '')
const escapedPem = encodeURIComponent(pem)
const another = selfSigned(['another.example']).certificate
const thumbprint = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64url')

const read = (header: string | undefined) => readClientCertificate(header, { isVerified: false })

describe('a certificate is read', () => {
  const forms: Record<string, string> = {
    'as RFC 9440 writes it': `:${base64}:`,
    'as Caddy and HAProxy do': base64,
    'as nginx does': escapedPem,
    'as Traefik does': encodeURIComponent(base64),
    'as Envoy does': `By=spiffe://a;Hash=${'ab'.repeat(32)};Cert="${escapedPem}";Subject="CN=a,O=b"`,
    'as Envoy does, with a subject that looks like another certificate': `Subject="CN=a\\";Cert=\\"${encodeURIComponent(another)}\\"";Cert="${escapedPem}"`,
  }
  for (const [words, header] of Object.entries(forms)) {
    test(words, () => {
      expect(read(header)?.thumbprint).toBe(thumbprint)
    })
  }
})

describe('no certificate is read', () => {
  const none: Record<string, string | undefined> = {
    'where there is no header': undefined,
    'from an empty one': '',
    'from nonsense': 'nonsense',
    'from other base64': Buffer.from('something else').toString('base64'),
    'from a broken escape': `%${escapedPem}`,
    'from two of them': `${base64}, ${base64}`,
    'from two standard ones': `:${base64}:, :${base64}:`,
    'from two in one text': encodeURIComponent(pem + another),
    'from two elements of Envoy': `Cert="${escapedPem}",Cert="${encodeURIComponent(another)}"`,
    'from two in one element': `Cert="${escapedPem}";Cert="${encodeURIComponent(another)}"`,
    'from an element without one': `Hash=${'ab'.repeat(32)}`,
    'from over 16 KiB': base64 + 'A'.repeat(16_384),
  }
  for (const [words, header] of Object.entries(none)) {
    test(words, () => {
      expect(read(header)).toBe(undefined)
    })
  }
})
