/** Golden vectors of the canonical form, version 1. They hold for ever: never change one. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  canonicalForm,
  type EventRow,
  EventTooLarge,
  leafHash,
} from '../../src/domain/leaf-hash.ts'
import { describe, expect, test } from '../support/test.ts'

const plain: EventRow = {
  eventId: 'evt_1',
  streamId: 'user/a',
  version: 1,
  type: 'UserRegistered',
  schemaVersion: 2,
  recordedAt: 1_767_225_600_000,
  actor: 'cli',
  correlationId: 'req_1',
  causationId: null,
  payload: Buffer.from('{"a":1}'),
}

/** The same row, byte by byte, written by hand from the specification and not from the code. */
const plainForm = [
  '01',
  '0005 6576745f31', // evt_1
  '0006 757365722f61', // user/a
  '0008 0000000000000001',
  '000e 5573657252656769737465726564', // UserRegistered
  '0008 0000000000000002',
  '0008 0000019b76daa800', // 2026-01-01T00:00:00Z
  '0003 636c69', // cli
  '0005 7265715f31', // req_1
  'ffff', // no cause
  '0007 7b2261223a317d', // {"a":1}
]
  .join('')
  .replaceAll(' ', '')

const row = fc.record({
  eventId: fc.string(),
  streamId: fc.string({ unit: 'grapheme' }),
  version: fc.nat(3),
  type: fc.string(),
  schemaVersion: fc.nat(3),
  recordedAt: fc.nat(),
  actor: fc.string(),
  correlationId: fc.string(),
  causationId: fc.option(fc.string({ maxLength: 2 })),
  payload: fc.uint8Array({ maxLength: 8 }),
})

describe('the canonical form', () => {
  test('is the bytes of the specification', () => {
    expect(canonicalForm(plain).toString('hex')).toBe(plainForm)
  })

  test('hashes as a leaf: SHA-256 over 0x00 and the form', () => {
    const expected = createHash('sha256')
      .update(Buffer.from(`00${plainForm}`, 'hex'))
      .digest('hex')
    expect(leafHash(plain).toString('hex')).toBe(expected)
    expect(leafHash(plain).toString('hex')).toBe(
      'cd1a576fa9d7528bf4298ef22479a22ed8d8cb4e7c37b032087a2278e74374c2',
    )
    const caused = { ...plain, causationId: '', actor: 'user:ü', payload: new Uint8Array() }
    expect(leafHash(caused).toString('hex')).toBe(
      '8918d741d989c8005ba5b12bb9935589d6a30f1cb90fa7c6ad0abdb73d09eb5b',
    )
  })

  test('is another for every other row', () => {
    fc.assert(
      fc.property(row, row, (a, b) => {
        const same =
          JSON.stringify({ ...a, payload: [...a.payload] }) ===
          JSON.stringify({ ...b, payload: [...b.payload] })
        expect(canonicalForm(a).equals(canonicalForm(b))).toBe(same)
      }),
    )
    const shifted = { ...plain, eventId: 'evt_1u', streamId: 'ser/a' }
    expect(canonicalForm(shifted).equals(canonicalForm(plain))).toBe(false)
  })

  test('has at most 65,535 bytes', () => {
    const empty = canonicalForm({ ...plain, payload: new Uint8Array() }).length
    const fitting = { ...plain, payload: new Uint8Array(65_535 - empty) }
    expect(canonicalForm(fitting)).toHaveLength(65_535)
    const large = { ...plain, payload: new Uint8Array(65_536 - empty) }
    expect(() => canonicalForm(large)).toThrow(EventTooLarge)
  })
})
