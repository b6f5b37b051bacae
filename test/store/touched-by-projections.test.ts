/**
 * What every statement of every read model touches, as its text says it: so that whoever makes one
 * of another shape sees what is forgotten by it.
 */
import { eventTypes } from '../../src/domain/catalog.ts'
import type { EventType } from '../../src/domain/event.ts'
import { projections } from '../../src/projections/catalog.ts'
import type { ProjectedEvent } from '../../src/projections/projection.ts'
import type { Statement } from '../../src/projections/statement.ts'
import { touchedBy } from '../../src/store/touched-keys.ts'
import { describe, expect, test } from '../support/test.ts'

/** Why a statement touches any row of its table, by its text. */
const exceptions: Readonly<Record<string, RegExp>> = {
  'what has ended by time': /^DELETE FROM "issued_tokens_v1" WHERE "issuance_id" IN /,
  'the oldest of what has ended': /^DELETE FROM "grant_tokens_v1" .* "access_expires_at" <= \?/,
  'what descends from a token is found on the way': /^WITH RECURSIVE "gone"/,
  'what is left of tokens is reckoned': /^UPDATE "(?:grant|issued)_tokens_v1" SET "scopes" = \(/,
  'of which nothing is left': /^UPDATE "grant_tokens_v1" SET "access_token_hash" = NULL .* = 0$/,
  'one hash takes the place of another':
    /^UPDATE "(?:clients|api_tokens)_v1" SET "previous_(?:secret_)?hash" = /,
  'a definition that was seen becomes the one that is approved':
    /^UPDATE "gateway_tools_v1" SET "approved_hash"/,
  'a consent is one of several in its column': /^UPDATE "agents_v1" SET "consents" = (?:json|\()/,
  'a key of a call is free again': /^UPDATE "approvals_v1" SET "call_key" = NULL/,
  'what names it is no id':
    /^DELETE FROM "(?:recovery_codes|identities)_v1" WHERE "(?:code|identity)_key" =/,
  'the oldest of many calls go': /^DELETE FROM "tool_calls_v1" WHERE "call_id" IN/,
}

interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly pattern?: string
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

interface Choice {
  /** Which of several forms a value has. */
  readonly form: number
  readonly withOptional: boolean
}

function sample(schema: Schema, choice: Choice): unknown {
  const { anyOf, items, properties = {}, required = [] } = schema
  if (schema.const !== undefined) return schema.const
  if (anyOf?.length) return sample(anyOf[choice.form % anyOf.length] ?? {}, choice)
  switch (schema.type) {
    case 'object': {
      const isThere = ([name]: [string, Schema]) => choice.withOptional || required.includes(name)
      const members = Object.entries(properties).filter(isThere)
      return Object.fromEntries(members.map(([name, of]) => [name, sample(of, choice)]))
    }
    case 'array':
      return [sample(items ?? {}, choice)]
    case 'string':
      return schema.pattern ? 'h'.repeat(43) : 'text'
    case 'integer':
    case 'number':
      // Some things are done at each eighth time.
      return choice.withOptional ? 8 : 1
    case 'boolean':
      return true
    default:
      return null
  }
}

function eventsOf(type: EventType): ProjectedEvent[] {
  const forms = [0, 1, 2, 3, 4, 5, 6, 7]
  const choices = forms.flatMap((form) => [
    { form, withOptional: true },
    { form, withOptional: false },
  ])
  const place = { type: type.name, eventId: 'evt_1', streamId: 'a/1', version: 1 }
  return choices.map((choice) => ({
    ...place,
    payload: sample(type.schema as Schema, choice) as Record<string, unknown>,
  }))
}

function statementsOf(name: string): Statement[] {
  const { handlers } = projections.find((each) => each.name === name) ?? { handlers: new Map() }
  return eventTypes.flatMap((type) => {
    const handler = handlers.get(type.name)
    return handler ? eventsOf(type).flatMap((event) => handler(event)) : []
  })
}

const all = new Map(projections.flatMap(({ name }) => statementsOf(name)).map((s) => [s.sql, s]))

describe.each(projections.map(({ name, tables }) => ({ name, tables })))('of $name', ({ name }) => {
  test('every event that it is about is tried', () => {
    const { handlers } = projections.find((each) => each.name === name) ?? { handlers: new Map() }
    const known = eventTypes.map((type) => type.name)
    expect([...handlers.keys()].filter((type) => !known.includes(type))).toEqual([])
    expect(statementsOf(name).length).toBeGreaterThan(0)
  })

  test('each statement changes rows that it names, or is one of those that are known not to', () => {
    const reasons = Object.values(exceptions)
    const others = statementsOf(name)
      .filter((statement) => !touchedBy(statement).byKey)
      .map(({ sql }) => sql.replaceAll(/\s+/g, ' '))
      .filter((sql) => !reasons.some((reason) => reason.test(sql)))
    expect([...new Set(others)]).toEqual([])
  })

  test('each statement changes one table, and that one is its own', () => {
    const own = ({ sql }: Statement) =>
      /(?:INTO|UPDATE|DELETE FROM) "(\w+)"/.exec(sql.replace(/^WITH .*\)\s+DELETE/s, 'DELETE'))?.[1]
    for (const statement of statementsOf(name)) {
      expect(touchedBy(statement).tables).toEqual([own(statement) ?? ''])
    }
  })
})

test('no exception is there for nothing', () => {
  const texts = [...all.values()]
    .filter((statement) => !touchedBy(statement).byKey)
    .map(({ sql }) => sql.replaceAll(/\s+/g, ' '))
  const unused = Object.entries(exceptions).filter(([, e]) => !texts.some((sql) => e.test(sql)))
  expect(unused.map(([reason]) => reason)).toEqual([])
})

// Nothing is forgotten for their sake, so one that took away what is good would leave it good.
test('what drops nothing but what has ended asks for its end', () => {
  const drops = [...all.values()].filter(({ dropsEnded }) => dropsEnded)
  const tables = drops.flatMap((statement) => touchedBy(statement).tables)
  expect(tables.toSorted()).toEqual(['grant_tokens_v1', 'issued_tokens_v1'])
  for (const { sql } of drops) {
    expect(sql).toMatch(/^DELETE FROM .* WHERE (?:.* AND )?"(?:access_)?expires_at" <= \?/s)
  }
})
