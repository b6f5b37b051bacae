/** Released events never change: each is held against its golden file, byte for byte. */
import { readFileSync } from 'node:fs'
import { Type } from '@sinclair/typebox'
import { eventTypes } from '../../src/domain/catalog.ts'
import { defineEvent, type EventType, open } from '../../src/domain/event.ts'
import { upcasters } from '../../src/store/upcasting.ts'
import { describe, expect, test } from '../support/test.ts'
import {
  changed,
  goldenFiles,
  goldenFolder,
  goldenName,
  goldenNames,
  goldenText,
  missing,
  notUpcast,
  orphaned,
} from './event-schemas.ts'

describe('the schema of a released event', () => {
  const files = new Set(goldenFiles())

  for (const type of eventTypes) {
    test(`${type.name} v${type.version} is what its golden file says`, () => {
      const name = goldenName(type.name, type.version)
      if (!files.has(name)) throw new Error(missing(name))
      const golden = readFileSync(new URL(name, goldenFolder), 'utf8')
      if (golden !== goldenText(type)) throw new Error(changed(type))
    })
  }

  test('is kept for every version there was', () => {
    const lost = goldenNames().filter((name) => !files.has(name))
    if (lost.length > 0) throw new Error(lost.map(missing).join('\n'))
  })

  test('leads to that of today: each older version has its upcaster', () => {
    const steps = new Set(upcasters.map(({ type, from }) => goldenName(type, from)))
    const current = eventTypes.map(({ name, version }) => goldenName(name, version))
    const stuck = goldenNames().filter((name) => !current.includes(name) && !steps.has(name))
    if (stuck.length > 0) throw new Error(stuck.map(notUpcast).join('\n'))
  })

  test('belongs to an event type of today', () => {
    const known = new Set(goldenNames())
    const orphans = [...files].filter((file) => !known.has(file))
    if (orphans.length > 0) throw new Error(orphans.map(orphaned).join('\n'))
  })
})

describe('the golden form', () => {
  const payload = { userId: open(Type.String()), at: open(Type.Integer()), note: Type.String() }
  const golden = (definition: Parameters<typeof defineEvent>[1]) =>
    goldenText(defineEvent('Tried', definition) as unknown as EventType)
  const original = golden({ version: 1, subject: 'userId', payload })

  const changes: Record<string, Parameters<typeof defineEvent>[1]> = {
    'a field becomes public': {
      version: 1,
      subject: 'userId',
      payload: { ...payload, note: open(Type.String()) },
    },
    'the subject changes': {
      version: 1,
      subject: 'other',
      payload: { ...payload, other: open(Type.String()) },
    },
    'a field is added': {
      version: 1,
      subject: 'userId',
      payload: { ...payload, more: open(Type.String()) },
    },
    'a field becomes optional': {
      version: 1,
      subject: 'userId',
      payload: { ...payload, note: Type.Optional(Type.String()) },
    },
    'a field gets a limit': {
      version: 1,
      subject: 'userId',
      payload: { ...payload, note: Type.String({ maxLength: 9 }) },
    },
    'the version is raised': { version: 2, subject: 'userId', payload },
  }
  for (const [what, definition] of Object.entries(changes)) {
    test(`differs when ${what}`, () => {
      expect(golden(definition)).not.toBe(original)
    })
  }

  test('is the same for the same fields in another order', () => {
    const { userId, ...rest } = payload
    expect(golden({ version: 1, subject: 'userId', payload: { ...rest, userId } })).toBe(original)
  })

  test('holds name, version, subject, classes and schema', () => {
    expect(JSON.parse(original)).toEqual({
      name: 'Tried',
      version: 1,
      subject: 'userId',
      fields: { userId: 'public', at: 'public', note: 'sealed' },
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: {
          userId: { type: 'string', fieldClass: 'public' },
          at: { type: 'integer', fieldClass: 'public' },
          note: { type: 'string' },
        },
        required: ['at', 'note', 'userId'],
      },
    })
  })

  test('says what to do', () => {
    const type = { name: 'Tried', version: 1 } as EventType
    expect(changed(type)).toContain('define version 2')
    expect(changed(type)).toContain('upcaster from 1')
    expect(goldenNames([{ ...type, name: 'Tried', version: 2 } as EventType])).toEqual([
      'Tried.v1.json',
      'Tried.v2.json',
    ])
  })
})
