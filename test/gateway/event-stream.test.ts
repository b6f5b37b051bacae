/** An event stream means the same however it is cut into pieces. */
import fc from 'fast-check'
import { readEvents, type StreamEvent, writeEvent } from '../../src/gateway/event-stream.ts'
import { describe, expect, test } from '../support/test.ts'

async function eventsIn(pieces: readonly Uint8Array[], most = 10_000): Promise<StreamEvent[]> {
  async function* chunks() {
    yield* pieces
  }
  const events: StreamEvent[] = []
  for await (const event of readEvents(chunks(), most)) events.push(event)
  return events
}

const encoded = (text: string) => [new TextEncoder().encode(text)]

describe('an event stream', () => {
  test('is read as it was written, wherever it is cut', async () => {
    const event = fc.record(
      {
        id: fc.string({ minLength: 1 }).filter((id) => /^[\x21-\x7E]+$/.test(id)),
        retryMs: fc.nat(100_000),
        data: fc.json({ maxDepth: 2 }),
      },
      { requiredKeys: ['data'] },
    )
    const property = fc.asyncProperty(
      fc.array(event, { maxLength: 5 }),
      fc.integer({ min: 1, max: 7 }),
      async (events, size) => {
        const bytes = new TextEncoder().encode(events.map(writeEvent).join(''))
        const count = Math.ceil(bytes.length / size)
        const pieces = Array.from({ length: count }, (_, index) =>
          bytes.slice(index * size, (index + 1) * size),
        )
        expect(await eventsIn(pieces)).toEqual(events)
      },
    )
    await fc.assert(property, { numRuns: 100 })
  })

  test('may end its lines in three ways, and be commented', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const lines = [': a comment', 'id: 7', 'data: {"a":', 'data: 1}', 'retry: x', '', 'data']
      const text = `${lines.join(end)}${end}${end}x`
      expect(await eventsIn(encoded(text))).toEqual([{ id: '7', data: '{"a":\n1}' }, { data: '' }])
    }
  })

  test('has no event that is not whole, or of another type', async () => {
    expect(await eventsIn(encoded('data: {}'))).toEqual([])
    expect(await eventsIn(encoded('event: other\ndata: {}\n\n'))).toEqual([])
  })

  test('breaks off at an event that is too large, in one piece or in many', async () => {
    const large = `data: ${'x'.repeat(200)}\n\n`
    const many = [...large].flatMap((letter) => encoded(letter))
    for (const pieces of [encoded(large), many, encoded('x'.repeat(200))]) {
      const failure = await eventsIn(pieces, 100).catch((error: unknown) => error)
      expect(String(failure)).toContain('over 100')
    }
  })
})
