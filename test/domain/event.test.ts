/** What an event type is: which of its fields anyone may read, and what it lets into the log. */
import { Type } from '@sinclair/typebox'
import { eventTypes } from '../../src/domain/catalog.ts'
import { defineEvent, hashed, open } from '../../src/domain/event.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { describe, expect, test } from '../support/test.ts'

const Noted = defineEvent('Noted', {
  version: 3,
  subject: 'userId',
  payload: {
    userId: open(Type.String()),
    tokenHash: hashed(),
    note: Type.String(),
    tag: Type.Optional(open(Type.String())),
    hint: Type.Optional(Type.String()),
  },
})
const payload = { userId: 'usr_1', tokenHash: sha256('token'), note: 'private words' }

describe('a field', () => {
  test('is sealed when it says nothing', () => {
    expect(Noted.fields.note).toBe('sealed')
  })

  test('is public or a hash only where it says so', () => {
    expect(Noted.fields).toEqual({
      userId: 'public',
      tokenHash: 'hash',
      note: 'sealed',
      tag: 'public',
      hint: 'sealed',
    })
  })

  test('keeps its class when it is optional, whichever is said first', () => {
    const Both = defineEvent('Both', {
      version: 1,
      payload: { a: Type.Optional(open(Type.String())), b: open(Type.Optional(Type.String())) },
    })
    expect(Both.fields).toEqual({ a: 'public', b: 'public' })
    expect(Both.check({})).toBe(true)
  })
})

describe('a type with a sealed field', () => {
  const sealed = { note: Type.String() }

  test('cannot be defined without a subject', () => {
    expect(() => defineEvent('Orphan', { version: 1, payload: sealed })).toThrow(
      'Cannot define "Orphan": a sealed field needs a subject that is public',
    )
  })

  test('cannot be defined with a subject that is sealed itself', () => {
    const payload = { ...sealed, userId: Type.String() }
    expect(() => defineEvent('Locked', { version: 1, subject: 'userId', payload })).toThrow(
      'needs a subject that is public',
    )
  })

  test('cannot be defined with a subject that is a hash', () => {
    const payload = { ...sealed, emailKey: hashed() }
    expect(() => defineEvent('Hidden', { version: 1, subject: 'emailKey', payload })).toThrow(
      'needs a subject that is public',
    )
  })
})

test('a type without a sealed field needs no subject', () => {
  const Open = defineEvent('Open', { version: 1, payload: { a: open(Type.String()) } })
  expect(Open.subject).toBeUndefined()
})

test('a type makes an event of its name, and says what it is', () => {
  expect(Noted(payload)).toEqual({ type: 'Noted', payload })
  expect([Noted.name, Noted.version, Noted.subject]).toEqual(['Noted', 3, 'userId'])
})

describe('a payload', () => {
  test('passes when it is complete', () => {
    expect(Noted.check(payload)).toBe(true)
    expect(Noted.problems(payload)).toEqual([])
  })

  const departures: Record<string, [unknown, string[]]> = {
    'lacks a field': [{ userId: 'usr_1', tokenHash: payload.tokenHash }, ['/note']],
    'has a field too many': [{ ...payload, password: 'hunter2hunter2' }, ['/password']],
    'has a field of another type': [{ ...payload, note: 31337 }, ['/note']],
    'has an erased field, which may be read and not written': [
      { ...payload, note: null },
      ['/note'],
    ],
    'has something else in the place of a hash': [
      { ...payload, tokenHash: 'hunter2hunter2' },
      ['/tokenHash'],
    ],
    'has a padded hash': [{ ...payload, tokenHash: `${payload.tokenHash}=` }, ['/tokenHash']],
    'is no object': ['hunter2hunter2', ['/']],
  }
  for (const [how, [wrong, paths]] of Object.entries(departures)) {
    test(`that ${how} is refused, by path and without its values`, () => {
      expect(Noted.check(wrong)).toBe(false)
      const problems = Noted.problems(wrong)
      for (const path of paths) {
        expect(problems.some((problem) => problem.startsWith(`${path}: `))).toBe(true)
      }
      for (const value of ['hunter2', '31337', 'private words', payload.tokenHash]) {
        expect(problems.join()).not.toContain(value)
      }
    })
  }
})

describe('the catalog', () => {
  test('names every type once', () => {
    const names = eventTypes.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  for (const type of eventTypes) {
    test(`has ${type.name} say when it happened`, () => {
      expect(type.fields.at).toBe('public')
    })
  }

  // A later mistake would be for ever: what is open in a released event stays readable.
  test('opens no field that holds a person’s words, address or name', () => {
    const personal = /^(email|name|note|reason|error|result|arguments|userAgent|address|contacts)$/
    const opened = eventTypes.flatMap((type) =>
      Object.entries(type.fields)
        .filter(([field, fieldClass]) => personal.test(field) && fieldClass !== 'sealed')
        .map(([field]) => `${type.name}.${field}`),
    )
    // These are codes, not words.
    expect(opened.toSorted()).toEqual([
      'AgentRevoked.reason',
      'ApiTokenRevoked.reason',
      'ApprovalVoided.reason',
      'GrantEnded.reason',
      'GrantUseRefused.reason',
      'IssuanceRevoked.reason',
      'JobCancelled.reason',
      'JobReturned.reason',
      'SessionEnded.reason',
      'SigningKeyWithdrawn.reason',
      'ToolCallRefused.reason',
    ])
  })

  test('seals nothing whose name says that it is a hash, and opens none', () => {
    for (const { fields } of eventTypes) {
      for (const [field, fieldClass] of Object.entries(fields)) {
        if (/(Hash|Key|Challenge)$/.test(field)) expect(fieldClass).toBe('hash')
      }
    }
  })
})
