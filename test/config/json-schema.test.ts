/** Which schemas an operator's tools may have, and what fits them. */

import { type JsonSchema, schemaProblems } from '../../src/config/json-schema.ts'
import { presets } from '../../src/config/presets.ts'
import { schemaCheck } from '../../src/config/schema-check.ts'
import { defaultSettings } from '../../src/config/settings.ts'
import { describe, expect, test } from '../support/test.ts'

const wrong = (schema: JsonSchema) =>
  schemaProblems({ type: 'object', ...schema }).map(({ place, message }) => `${place}: ${message}`)
const ofProperty = (schema: unknown) => wrong({ properties: { a: schema } })

describe('a schema', () => {
  test('is for an object', () => {
    expect(schemaProblems({ type: 'string' })[0]?.place).toBe('/type')
    expect(schemaProblems({})[0]?.place).toBe('/type')
    expect(wrong({})).toEqual([])
  })

  test('is one in every keyword that it has, wherever that stands', () => {
    const cases: [unknown, string][] = [
      [{ requried: ['a'] }, '/properties/a/requried'],
      [{ type: 'text' }, '/properties/a/type'],
      [{ type: [] }, '/properties/a/type'],
      [{ minLength: -1 }, '/properties/a/minLength'],
      [{ maximum: '3' }, '/properties/a/maximum'],
      [{ multipleOf: 0 }, '/properties/a/multipleOf'],
      [{ pattern: '(' }, '/properties/a/pattern'],
      [{ format: 'phone' }, '/properties/a/format'],
      [{ enum: [] }, '/properties/a/enum'],
      [{ required: [1] }, '/properties/a/required'],
      [{ items: 'x' }, '/properties/a/items'],
      [{ items: [{}] }, '/properties/a/items'],
      [{ anyOf: [{ minimum: {} }] }, '/properties/a/anyOf/0/minimum'],
      [{ patternProperties: { '[': true } }, '/properties/a/patternProperties'],
      [{ not: { properties: { 'b/c': { type: 1 } } } }, '/properties/a/not/properties/b~1c/type'],
      ['x', '/properties/a'],
      [{ toString: 1 }, '/properties/a/toString'],
    ]
    for (const [schema, place] of cases) expect(ofProperty(schema)[0]).toContain(`${place}: `)
  })

  test('refers to parts of itself alone', () => {
    const $defs = { day: { type: 'string', format: 'date' } }
    expect(wrong({ $defs, properties: { a: { $ref: '#/$defs/day' } } })).toEqual([])
    for (const $ref of ['#/$defs/night', 'https://example.com/schema', 'other.json', '#day', 1]) {
      expect(wrong({ $defs, properties: { a: { $ref } } })).toHaveLength(1)
    }
    expect(wrong({ $id: 'https://example.com/x' })).toHaveLength(1)
    expect(wrong({ $schema: 'http://json-schema.org/draft-07/schema#' })).toHaveLength(1)
    expect(wrong({ $schema: 'https://json-schema.org/draft/2020-12/schema' })).toEqual([])
  })

  test('is neither too large nor too deep', () => {
    expect(wrong({ description: 'x'.repeat(40_000) })[0]).toContain('characters')
    let deep: JsonSchema = {}
    for (let level = 0; level < 30; level += 1) deep = { not: deep }
    expect(ofProperty(deep)[0]).toContain('deep')
  })

  test('may carry extensions, and those of presets and defaults are in order', () => {
    expect(ofProperty({ 'x-mcp-header': 'Region' })).toEqual([])
    for (const { tools } of [defaultSettings(), defaultSettings(presets.onegent)]) {
      for (const { inputSchema, outputSchema = inputSchema } of tools) {
        expect(schemaProblems(inputSchema)).toEqual([])
        expect(schemaProblems(outputSchema)).toEqual([])
      }
    }
  })
})

describe('a value', () => {
  const fits = (schema: JsonSchema, value: unknown) => schemaCheck(schema)(value) === undefined

  test('with a day is on the calendar', () => {
    const schema = { type: 'object', properties: { on: { type: 'string', format: 'date' } } }
    for (const on of ['2028-02-29', '2027-12-31']) expect(fits(schema, { on })).toBe(true)
    for (const on of ['2027-02-29', '2027-02-30', '2027-13-01', '2027-2-1', 'soon']) {
      expect(fits(schema, { on })).toBe(false)
    }
  })

  test('that is deeper than anybody needs, or that no end is found for, does not fit', () => {
    const self = { type: 'object', $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }
    expect(schemaCheck(self)({})).toBe('cannot be checked')
    const list = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`)
    expect(schemaCheck({ type: 'object' })({ list })).toContain('deep')
  })

  test('is told of in few words, whatever it is', () => {
    const schema = { type: 'object', additionalProperties: false }
    expect(schemaCheck(schema)({ ['k'.repeat(5000)]: 1 })?.length).toBe(500)
  })

  test('cannot reach past the schema by the names that objects have', () => {
    const schema = { type: 'object', properties: { a: {} }, additionalProperties: false }
    expect(fits(schema, JSON.parse('{"__proto__": {"a": 1}}'))).toBe(false)
    expect(fits(schema, { constructor: 1 })).toBe(false)
  })
})
