/**
 * Certificates, made anew for each run: no key needs to be kept anywhere.
 *
 * @see [RFC 5280 §4.1 - Basic Certificate Fields](https://www.rfc-editor.org/rfc/rfc5280.html#section-4.1)
 */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'

export interface Certificate {
  /** PEM. */
  readonly certificate: string
  readonly key: string
  readonly publicKey: KeyObject
  /** Its own, and so the issuer of what it signs. */
  readonly name: Buffer
}

/** The object identifier in hexadecimal, and a text, or a value that is DER already. */
export type Attribute = readonly [id: string, value: string | Buffer]

export interface CertificateParts {
  /** As the certificate holds it: the widest part first; a name of its own unless told. */
  readonly subject?: readonly (readonly Attribute[])[]
  readonly altNames?: readonly Buffer[]
  /** Who signs it; the certificate itself unless told. Must have an EC key. */
  readonly authority?: Certificate
  readonly keyType?: 'ec' | 'rsa' | 'ed25519' | 'P-384'
}

export const commonName = '550403'
const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'))
const subjectAltName = '551d11'
const basicConstraints = '551d13'

export const altName = {
  email: (text: string) => der(0x81, text),
  dns: (text: string) => der(0x82, text),
  uri: (text: string) => der(0x86, text),
  ip: (octets: readonly number[]) => der(0x87, Buffer.from(octets)),
}

/** For a server on this machine; an authority besides. */
export function selfSigned(names: readonly string[]): Certificate {
  return certify({ altNames: [...names.map(altName.dns), altName.ip([127, 0, 0, 1])] })
}

export function certify({
  subject = [[[commonName, `Test ${randomUUID()}`]]],
  altNames = [],
  authority,
  keyType = 'ec',
}: CertificateParts): Certificate {
  const { publicKey, privateKey } = newKeyPair(keyType)
  const name = sequence(...subject.map((part) => der(0x31, Buffer.concat(part.map(attribute)))))
  const extensions = [
    ...(altNames.length > 0 ? [extension(subjectAltName, sequence(...altNames))] : []),
    ...(authority ? [] : [extension(basicConstraints, sequence(der(0x01, Buffer.from([0xff]))))]),
  ]
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([authority ? 2 : 1])),
    ecdsaWithSha256,
    authority?.name ?? name,
    sequence(der(0x17, '200101000000Z'), der(0x17, '491231000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  )
  const signed = sign(
    keyType === 'ed25519' && !authority ? null : 'sha256',
    toSign,
    authority?.key ?? privateKey,
  )
  const signature = Buffer.concat([Buffer.from([0]), signed])
  const whole = sequence(toSign, ecdsaWithSha256, der(0x03, signature))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey,
    name,
  }
}

/** The certificate as a proxy hands it on. */
export function clientCertHeader({ certificate }: Pick<Certificate, 'certificate'>): string {
  return `:${certificate.replace(/-----[A-Z ]+-----|\n/g, '')}:`
}

function newKeyPair(keyType: 'ec' | 'rsa' | 'ed25519' | 'P-384') {
  switch (keyType) {
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: 2048 })
    case 'ed25519':
      return generateKeyPairSync('ed25519')
    default:
      return generateKeyPairSync('ec', { namedCurve: keyType === 'ec' ? 'P-256' : keyType })
  }
}

function attribute([id, value]: Attribute): Buffer {
  return sequence(objectId(id), typeof value === 'string' ? der(0x0c, value) : value)
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, value))
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

export function der(tag: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string)
  const { length } = bytes
  const long = length > 0xff ? [0x82, length >> 8, length & 0xff] : [0x81, length]
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), bytes])
}
