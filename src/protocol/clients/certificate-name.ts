/**
 * The one name that a client registers, by which it is known in certificates that others issue.
 *
 * @see [RFC 8705 §2.1.2 - Client Registration Metadata](https://www.rfc-editor.org/rfc/rfc8705.html#section-2.1.2)
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { type CertificateName, certificateNameKinds } from '../../domain/client-events.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Certificate } from './certificate.ts'
import { nameOfText } from './distinguished-name.ts'

const nameCharactersMax = 2048

/** @throws {OAuthError} invalid_client_metadata unless there is exactly one, and it is a name of its kind */
export function readCertificateName(fields: Readonly<Record<string, unknown>>): CertificateName {
  const said = certificateNameKinds.flatMap((kind) => {
    const value = fields[wireName(kind)]
    return value === undefined || value === null || value === '' ? [] : [{ kind, value }]
  })
  const [name] = said
  if (said.length !== 1 || !name) {
    const words = `tls_client_auth needs exactly one of ${certificateNameKinds.map(wireName).join(', ')}`
    throw new OAuthError('invalid_client_metadata', words)
  }
  const { kind, value } = name
  if (typeof value === 'string' && value.length <= nameCharactersMax && isOfKind[kind](value)) {
    return { kind, value }
  }
  throw new OAuthError('invalid_client_metadata', `${wireName(kind)} must be ${forms[kind]}`)
}

/** What is told back; empty for a client without such a name. */
export function certificateNameField(name: CertificateName | undefined): Record<string, string> {
  return name ? { [wireName(name.kind)]: name.value } : {}
}

/** Whether a certificate is for this name: the whole of it, and never one that only looks like it. */
export function bears(
  { subject, altNames }: Certificate,
  { kind, value }: CertificateName,
): boolean {
  if (kind === 'subject_dn') return subject === nameOfText(value)
  const expected = kind === 'san_ip' ? addressHex(value) : value
  return altNames.some((name) => name.kind === kind && name.value === expected)
}

function wireName(kind: CertificateName['kind']): string {
  return `tls_client_auth_${kind}`
}

/** As a certificate holds it: four octets, or sixteen. */
function addressHex(address: string): string {
  return Buffer.from(ipaddr.parse(address).toByteArray()).toString('hex')
}

const isOfKind: Readonly<Record<CertificateName['kind'], (value: string) => boolean>> = {
  subject_dn: (value) => nameOfText(value) !== undefined,
  san_dns: (value) => /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(value),
  san_uri: (value) => /^[\x21-\x7e]+$/.test(value) && URL.canParse(value),
  san_ip: (value) => isIP(value) !== 0 && !value.includes('%'),
  san_email: (value) => /^[\x21-\x7e]+@[A-Za-z0-9.-]+$/.test(value),
}

const forms: Readonly<Record<CertificateName['kind'], string>> = {
  subject_dn: 'a distinguished name as RFC 4514 writes it, such as CN=agent,O=Acme',
  san_dns: 'a host name without wildcards',
  san_uri: 'a URI',
  san_ip: 'an IP address',
  san_email: 'an e-mail address',
}
