/**
 * What a certificate says: the key that its holder has, whose it is, and by which other names. That
 * it is true is for others to see to.
 *
 * @see [RFC 5280 §4.1.2 - TBSCertificate](https://www.rfc-editor.org/rfc/rfc5280.html#section-4.1.2)
 * @see [RFC 5280 §4.2.1.6 - Subject Alternative Name](https://www.rfc-editor.org/rfc/rfc5280.html#section-4.2.1.6)
 */
import { createPublicKey } from 'node:crypto'
import type { CertificateName } from '../../domain/client-events.ts'
import type { DerElement } from './der.ts'
import { contentOf, DerRefused, derTags, elementsOf, objectIdOf, readElements } from './der.ts'
import { nameOfCertificate } from './distinguished-name.ts'

export interface Certificate {
  /** In the one form in which distinguished names are compared. */
  readonly subject: string
  readonly altNames: readonly CertificateName[]
  /** Absent for kinds of key that have no JWK. */
  readonly key?: JsonWebKey
}

const versionTag = 0xa0
const extensionsTag = 0xa3
const subjectAltName = '2.5.29.17'
/** Context tags 1, 2, 6 and 7 of GeneralName; other kinds of names are passed over. */
const altNameKinds: Readonly<Record<number, CertificateName['kind']>> = {
  129: 'san_email',
  130: 'san_dns',
  134: 'san_uri',
  135: 'san_ip',
}

/** Undefined if it cannot be read, or says something twice. */
export function readCertificate(der: Buffer): Certificate | undefined {
  try {
    return read(der)
  } catch (error) {
    if (error instanceof DerRefused) return undefined
    throw error
  }
}

function read(der: Buffer): Certificate {
  const [whole, ...others] = readElements(der)
  if (others.length > 0) throw new DerRefused('more than a certificate')
  const [toBeSigned] = elementsOf(whole, derTags.sequence)
  const fields = elementsOf(toBeSigned, derTags.sequence)
  if (fields[0]?.tag === versionTag) fields.shift()
  const [, , , , subject, publicKey, ...optional] = fields
  const key = publicKey && jwkOf(publicKey.whole)
  return {
    subject: nameOfCertificate(subject),
    altNames: altNamesOf(optional.find(({ tag }) => tag === extensionsTag)),
    ...(key ? { key } : {}),
  }
}

function jwkOf(spki: Buffer): JsonWebKey | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({ format: 'jwk' })
  } catch {
    return undefined
  }
}

function altNamesOf(extensions: DerElement | undefined): CertificateName[] {
  if (!extensions) return []
  const [list] = readElements(extensions.content)
  const found = elementsOf(list, derTags.sequence)
    .map((extension) => elementsOf(extension, derTags.sequence))
    .filter(([id]) => objectIdOf(id) === subjectAltName)
  if (found.length > 1) throw new DerRefused('two lists of alternative names')
  const value = found[0]?.at(-1)
  if (!value) return []
  const [names] = readElements(contentOf(value, derTags.octetString))
  return elementsOf(names, derTags.sequence).flatMap(({ tag, content }) => {
    const kind = altNameKinds[tag]
    if (kind === undefined) return []
    return [
      { kind, value: kind === 'san_ip' ? content.toString('hex') : content.toString('latin1') },
    ]
  })
}
