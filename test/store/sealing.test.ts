/** A sealed field opens in its place alone; an upcaster is never skipped. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import type { EventType } from '../../src/domain/event.ts'
import { sealFields, unsealFields } from '../../src/store/sealing.ts'
import { Upcasting } from '../../src/store/upcasting.ts'
import { describe, expect, test } from '../support/test.ts'
import { MemberJoined } from './fixture.ts'

const type = MemberJoined as unknown as EventType
const seal = { eventId: 'evt_1', subject: 'ada', key: randomBytes(32) }
const payload = { memberId: 'ada', handle: 'countess', email: 'ada@example.com' }

describe('sealed fields', () => {
  test('come back as they were, whatever they hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (email) => {
        const sealed = sealFields(type, { ...payload, email }, seal)
        expect(unsealFields(sealed, seal)).toEqual(
          JSON.parse(JSON.stringify({ ...payload, email })),
        )
      }),
    )
  })

  test('stand in the form that the log documents, and look different each time', () => {
    const { email } = sealFields(type, payload, seal)
    expect(Object.keys(email as object)).toEqual(['sealed'])
    expect((email as { sealed: string }).sealed).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(sealFields(type, payload, seal).email).not.toEqual(email)
  })

  test('do not open under another key, in another event, field or for another subject', () => {
    const sealed = sealFields(type, payload, seal)
    const { email, ...rest } = sealed
    expect(() => unsealFields(sealed, { ...seal, key: randomBytes(32) })).toThrow()
    expect(() => unsealFields(sealed, { ...seal, eventId: 'evt_2' })).toThrow()
    expect(() => unsealFields(sealed, { ...seal, subject: 'bob' })).toThrow()
    expect(() => unsealFields({ ...rest, phone: email }, seal)).toThrow()
    expect(unsealFields(sealed, { ...seal, key: undefined }).email).toBeNull()
  })
})

describe('upcasting', () => {
  const upcasting = new Upcasting([
    { type: 'T', from: 1, upcast: ({ a }) => ({ b: `${a}1` }) },
    { type: 'T', from: 2, upcast: ({ b }) => ({ c: `${b}2` }), subject: 'owner' },
  ])

  test('takes every step from the stored version to today', () => {
    expect(upcasting.upcast({ a: 'x' }, { type: 'T', from: 1, to: 3 })).toEqual({ c: 'x12' })
    expect(upcasting.upcast({ b: 'x' }, { type: 'T', from: 2, to: 3 })).toEqual({ c: 'x2' })
    expect(upcasting.upcast({ c: 'x' }, { type: 'T', from: 3, to: 3 })).toEqual({ c: 'x' })
    expect(upcasting.subjectField('T', 2)).toBe('owner')
  })

  test('fails where a step is missing or taken twice', () => {
    expect(() => upcasting.upcast({}, { type: 'T', from: 3, to: 4 })).toThrow('from version 3')
    const step = { type: 'T', from: 1, upcast: () => ({}) }
    expect(() => new Upcasting([step, step])).toThrow('two upcasters')
  })
})
