/** What an operator is shown of a definition that has changed. */
import { definitionChanges } from '../../src/gateway/definition-changes.ts'
import { describe, expect, test } from '../support/test.ts'

const changes = (before: unknown, after: unknown) =>
  definitionChanges(before === null ? null : JSON.stringify(before), JSON.stringify(after))

describe('the changes of a definition', () => {
  test('are told place by place', () => {
    const before = {
      name: 'a',
      description: 'Reads',
      inputSchema: { properties: { p: { type: 'string' } } },
    }
    const after = { name: 'a', description: 'Reads all', inputSchema: { properties: { q: {} } } }
    expect(changes(before, after)).toEqual([
      { place: 'description', before: '"Reads"', after: '"Reads all"' },
      { place: 'inputSchema.properties.p.type', before: '"string"' },
      { place: 'inputSchema.properties.q', after: '{}' },
    ])
  })

  test('of one that was never approved are all of it', () => {
    expect(changes(null, { name: 'a', required: ['x'] })).toEqual([
      { place: 'name', after: '"a"' },
      { place: 'required.0', after: '"x"' },
    ])
  })

  test('hide nothing: signs without width, that turn text around, and tags are spelled out', () => {
    const hidden = 'a\u200bb\u202ec\u{e0041}d\ufe0fe\u0007'
    expect(changes({}, { [hidden]: hidden })).toEqual([
      {
        place: 'a\\u200bb\\u202ec\\u{e0041}d\\ufe0fe\\u0007',
        after: '"a\\u200bb\\u202ec\\u{e0041}d\\ufe0fe\\u0007"',
      },
    ])
  })
})
