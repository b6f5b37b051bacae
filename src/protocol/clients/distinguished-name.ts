/**
 * Distinguished names, as text and as they stand in a certificate, brought to one form in which
 * equal names are equal texts. The text has the last part of the certificate first.
 *
 *   CN=agent,O=Acme\, Inc.,C=DE   ⇒   C=de ‖ O=acme, inc. ‖ CN=agent
 *
 * Letters A to Z count as their small ones, and several spaces as one; all else must be the same.
 * That is less than RFC 4518 would take for equal, and so never more.
 *
 * @see [RFC 4514 §3 - Parsing a String Back to a Distinguished Name](https://www.rfc-editor.org/rfc/rfc4514.html#section-3)
 * @see [RFC 4517 §4.2.15 - distinguishedNameMatch](https://www.rfc-editor.org/rfc/rfc4517.html#section-4.2.15)
 */
import {
  type DerElement,
  DerRefused,
  derTags,
  elementsOf,
  objectIdOf,
  readElements,
} from './der.ts'

const x500 = '2.5.4.'
const pilot = '0.9.2342.19200300.100.1.'
const objectIds: Readonly<Record<string, string>> = {
  CN: `${x500}3`,
  SN: `${x500}4`,
  SERIALNUMBER: `${x500}5`,
  C: `${x500}6`,
  L: `${x500}7`,
  ST: `${x500}8`,
  STREET: `${x500}9`,
  O: `${x500}10`,
  OU: `${x500}11`,
  TITLE: `${x500}12`,
  BUSINESSCATEGORY: `${x500}15`,
  POSTALCODE: `${x500}17`,
  GIVENNAME: `${x500}42`,
  ORGANIZATIONIDENTIFIER: `${x500}97`,
  UID: `${pilot}1`,
  DC: `${pilot}25`,
  EMAILADDRESS: '1.2.840.113549.1.9.1',
}

/** UTF8String, PrintableString and IA5String; BMPString is UTF-16, and older kinds are compared as they are. */
const utf8Tags = [0x0c, 0x13, 0x16]
const utf16Tag = 0x1e

/** One `type=value`, the value up to a separator that is not escaped. */
const attribute =
  / *([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+) *=(#(?:[0-9A-Fa-f]{2})+|(?:[^\\,+"<>;\0]|\\(?:[ "#+,;<=>\\]|[0-9A-Fa-f]{2}))*)([,+]|$)/y
const unescapedEndSpace = /(?:^|[^\\])(?:\\\\)* $/

/** Undefined if it is none, or is empty. */
export function nameOfText(text: string): string | undefined {
  try {
    return oneForm(partsOf(text).reverse())
  } catch (error) {
    if (error instanceof DerRefused) return undefined
    throw error
  }
}

function partsOf(text: string): string[][] {
  const parts: string[][] = []
  let before = ','
  attribute.lastIndex = 0
  while (before !== '') {
    const [whole, type = '', value = '', separator = ''] = attribute.exec(text) ?? []
    if (whole === undefined) throw new DerRefused('no attribute of a name')
    const one = attributeOf(type, value)
    if (before === '+') parts.at(-1)?.push(one)
    else parts.push([one])
    before = separator
  }
  return parts
}

/** @throws {DerRefused} */
export function nameOfCertificate(name: DerElement | undefined): string {
  const parts = elementsOf(name, derTags.sequence).map((part) =>
    elementsOf(part, derTags.set).map((each) => {
      const [type, value] = elementsOf(each, derTags.sequence)
      if (!value) throw new DerRefused('an attribute without a value')
      return objectIdOf(type) + textOf(value)
    }),
  )
  return oneForm(parts)
}

/** Within one part, the attributes have no order. */
function oneForm(parts: readonly string[][]): string {
  return JSON.stringify(parts.map((part) => part.sort()))
}

function attributeOf(type: string, value: string): string {
  const id = /^\d/.test(type) ? type : objectIds[type.toUpperCase()]
  const isSpaced = value.startsWith(' ') || unescapedEndSpace.test(value)
  if (id === undefined || value === '' || isSpaced) throw new DerRefused('no attribute of a name')
  if (!value.startsWith('#')) return id + comparable(withoutEscapes(value))
  const hex = /^#((?:[0-9A-Fa-f]{2})+)$/.exec(value)?.[1] ?? ''
  const [element, ...others] = readElements(Buffer.from(hex, 'hex'))
  if (!element || others.length > 0) throw new DerRefused('not one value')
  return id + textOf(element)
}

/** Escapes name octets of UTF-8, so that one character may need several. */
function withoutEscapes(value: string): string {
  const parts = [...value.matchAll(/\\([0-9A-Fa-f]{2})|\\(.)|([^\\]+)/gsu)]
  const octets = parts.map(([, hex, special, plain]) =>
    hex === undefined ? Buffer.from(special ?? plain ?? '') : Buffer.from(hex, 'hex'),
  )
  return utf8(Buffer.concat(octets))
}

function textOf({ tag, content, whole }: DerElement): string {
  if (utf8Tags.includes(tag)) return comparable(utf8(content))
  if (tag === utf16Tag && content.length % 2 === 0) {
    return comparable(Buffer.from(content).swap16().toString('utf16le'))
  }
  return `#${whole.toString('hex')}`
}

function utf8(octets: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    throw new DerRefused('a text that is no UTF-8')
  }
}

function comparable(text: string): string {
  const spaced = text.replace(/^ +| +$/g, '').replace(/ {2,}/g, ' ')
  return `=${spaced.replace(/[A-Z]/g, (letter) => letter.toLowerCase())}`
}
