/**
 * Distinguished names as text, compared with those of certificates.
 *
 * @see [RFC 4514 §2.4 - Converting an AttributeValue from ASN.1 to a String](https://www.rfc-editor.org/rfc/rfc4514.html#section-2.4)
 * @see [RFC 4517 §4.2.15 - distinguishedNameMatch](https://www.rfc-editor.org/rfc/rfc4517.html#section-4.2.15)
 */
import { readCertificate } from '../../../src/protocol/clients/certificate.ts'
import { nameOfText } from '../../../src/protocol/clients/distinguished-name.ts'
import { type Attribute, certify, commonName, der } from '../../support/certificate.ts'
import { describe, expect, test } from '../../support/test.ts'

const organization = '55040a'
const country = '550406'
const userId = '0992268993f22c640101'

function subjectOf(subject: readonly (readonly Attribute[])[]): string | undefined {
  const { certificate } = certify({ subject })
  const base64 = certificate.replace(/-----[A-Z ]+-----|\n/g, '')
  return readCertificate(Buffer.from(base64, 'base64'))?.subject
}

const cn = (value: string | Buffer): Attribute => [commonName, value]
const acme: readonly (readonly Attribute[])[] = [
  [[country, der(0x13, 'DE')]],
  [[organization, 'Acme, Inc.']],
  [cn('agent')],
]

describe('the subject of a certificate is the name', () => {
  const same: [words: string, text: string, subject: readonly (readonly Attribute[])[]][] = [
    ['with the last part first', 'CN=agent,O=Acme\\, Inc.,C=DE', acme],
    ['with escapes in hexadecimal', 'CN=agent,O=Acme\\2C Inc.,C=DE', acme],
    ['with types as numbers', '2.5.4.3=agent,2.5.4.10=Acme\\, Inc.,2.5.4.6=DE', acme],
    ['with types in small letters, and spaces before them', 'cn=agent, o=Acme\\, Inc., c=DE', acme],
    ['in other letters of ASCII, as caseIgnoreMatch has it', 'CN=AGENT,O=acme\\, inc.,C=de', acme],
    ['with a value in DER', 'CN=#0c056167656e74,O=Acme\\, Inc.,C=DE', acme],
    ['with parts of two attributes, in any order', 'UID=7+CN=a', [[cn('a'), [userId, '7']]]],
    ['with characters of several octets', 'CN=M\\C3\\BCller', [[cn('Müller')]]],
    ['with spaces at its ends, escaped', 'CN=\\ a\\ ', [[cn(' a ')]]],
    ['with a backslash before a space that is none of its end', 'CN=a\\\\', [[cn('a\\')]]],
    ['of UTF-16', 'CN=ab', [[cn(der(0x1e, Buffer.from([0, 0x61, 0, 0x62])))]]],
    ['of a type that is no text', 'CN=#020105', [[cn(der(0x02, Buffer.from([5])))]]],
  ]
  for (const [words, text, subject] of same) {
    test(words, () => {
      expect(nameOfText(text)).toBeDefined()
      expect(subjectOf(subject)).toBe(nameOfText(text))
    })
  }
})

describe('SECURITY 19: the subject of a certificate is not the name', () => {
  const other: [words: string, text: string, subject: readonly (readonly Attribute[])[]][] = [
    ['in the other order', 'C=DE,O=Acme\\, Inc.,CN=agent', acme],
    ['with a part missing', 'CN=agent,C=DE', acme],
    ['with a part more', 'CN=agent,O=Acme\\, Inc.', acme],
    ['that only begins so', 'CN=agent', [[cn('agent2')]]],
    ['that is written inside a value', 'CN=agent,O=Acme', [[cn('agent,O=Acme')]]],
    ['that is one part and not two', 'CN=a,UID=7', [[cn('a'), [userId, '7']]]],
    ['with a NUL in it', 'CN=agent', [[cn('agent\0')]]],
    ['in letters that look the same', 'CN=agent', [[cn('аgent')]]],
    ['in wide letters', 'CN=agent', [[cn('ａgent')]]],
    ['of another type', 'CN=agent', [[[organization, 'agent']]]],
    ['whose text looks like DER', 'CN=#020105', [[cn('#020105')]]],
    ['with the dotless i', 'CN=I', [[cn('ı')]]],
  ]
  for (const [words, text, subject] of other) {
    test(words, () => {
      expect(nameOfText(text)).toBeDefined()
      expect(subjectOf(subject)).toBeDefined()
      expect(subjectOf(subject)).not.toBe(nameOfText(text))
    })
  }
})

describe('no name is', () => {
  const none = {
    'the empty text': '',
    'a text without a type': 'agent',
    'an unknown type': 'XYZ=agent',
    'an empty value': 'CN=',
    'a separator at the end': 'CN=agent,',
    'two separators': 'CN=agent,,O=Acme',
    'a semicolon between parts': 'CN=agent;O=Acme',
    'a quoted value': 'CN="agent"',
    'a space at the end of a value': 'CN=agent ,O=Acme',
    'a space at its beginning': 'CN= agent',
    'a backslash at the end': 'CN=agent\\',
    'an escape of what needs none': 'CN=\\gent',
    'half an octet': 'CN=#0c0',
    'DER with something behind it': 'CN=#0c01610c0161',
    'DER that is cut short': 'CN=#0c05616765',
    'escapes that are no UTF-8': 'CN=\\C3',
    'the form of openssl': '/C=DE/CN=agent',
  }
  for (const [words, text] of Object.entries(none)) {
    test(words, () => expect(nameOfText(text)).toBe(undefined))
  }
})

describe('no certificate is', () => {
  const base64 = certify({}).certificate.replace(/-----[A-Z ]+-----|\n/g, '')
  const good = Buffer.from(base64, 'base64')
  const none = {
    'one that is cut short': good.subarray(0, -1),
    'one with something behind it': Buffer.concat([good, Buffer.from([5, 0])]),
    'nothing at all': Buffer.alloc(0),
    'a length of its own making': Buffer.from('3080300000', 'hex'),
    'a length that could be shorter': Buffer.from('3081023000', 'hex'),
    'an empty sequence': Buffer.from('3000', 'hex'),
  }
  for (const [words, bytes] of Object.entries(none)) {
    test(words, () => expect(readCertificate(bytes)).toBe(undefined))
  }

  test('any of them with one octet changed is another one, or none, and never an accident', () => {
    for (let at = 0; at < good.length; at += 1) {
      const changed = Buffer.from(good)
      changed[at] = (changed[at] ?? 0) ^ 0x55
      expect(() => readCertificate(changed)).not.toThrow()
    }
  })
})
