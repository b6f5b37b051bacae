/**
 * DER, in which every value has one encoding: what could be written in another way is refused, and
 * so is whatever is left over. Elements are read one level at a time, by who knows what they hold.
 *
 * @see [RFC 5280 §4.1 - Basic Certificate Fields](https://www.rfc-editor.org/rfc/rfc5280.html#section-4.1)
 */
export class DerRefused extends Error {}

export interface DerElement {
  readonly tag: number
  readonly content: Buffer
  /** With its tag and length. */
  readonly whole: Buffer
}

export const derTags = {
  boolean: 0x01,
  octetString: 0x04,
  objectId: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const

const manyOctetsTag = 0x1f
const lengthOctetsMax = 3

/** @throws {DerRefused} unless these are whole elements, one behind the other */
export function readElements(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = []
  let at = 0
  while (at < bytes.length) {
    const element = readElement(bytes.subarray(at))
    elements.push(element)
    at += element.whole.length
  }
  return elements
}

/** @throws {DerRefused} unless these are the elements inside one of that tag */
export function elementsOf(element: DerElement | undefined, tag: number): DerElement[] {
  return readElements(contentOf(element, tag))
}

/** @throws {DerRefused} unless there is such an element, of that tag */
export function contentOf(element: DerElement | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw new DerRefused(`no element of tag ${tag}`)
  return element.content
}

/** An object identifier with its numbers between dots. */
export function objectIdOf(element: DerElement | undefined): string {
  const numbers: number[] = []
  let number = 0
  for (const octet of contentOf(element, derTags.objectId)) {
    number = number * 128 + (octet & 0x7f)
    if (!Number.isSafeInteger(number)) throw new DerRefused('an object identifier is too long')
    if (octet & 0x80) continue
    numbers.push(number)
    number = 0
  }
  const [first = 0, ...rest] = numbers
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...rest].join('.')
}

function readElement(bytes: Buffer): DerElement {
  const [tag = 0, first] = bytes
  if ((tag & manyOctetsTag) === manyOctetsTag) throw new DerRefused('a tag of many octets')
  if (first === undefined) throw new DerRefused('no length')
  const { length, octets } = first < 0x80 ? { length: first, octets: 0 } : longLength(bytes, first)
  const start = 2 + octets
  if (bytes.length < start + length) throw new DerRefused('cut short')
  const whole = bytes.subarray(0, start + length)
  return { tag, content: whole.subarray(start), whole }
}

function longLength(bytes: Buffer, first: number): { length: number; octets: number } {
  const octets = first & 0x7f
  if (octets === 0 || octets > lengthOctetsMax || bytes.length < 2 + octets) {
    throw new DerRefused('a length that cannot be read')
  }
  const length = bytes.readUIntBE(2, octets)
  const isShortest = length >= 0x80 && length >= 256 ** (octets - 1)
  if (!isShortest) throw new DerRefused('a length that could be shorter')
  return { length, octets }
}
