import type { Statement } from '../../src/projections/statement.ts'
import type { Row } from '../../src/store/database.ts'
import { type Asking, GroupedReads, type Grouping } from '../../src/store/grouped-reads.ts'
import { LocalConnection } from '../../src/store/local-connection.ts'
import { rejectionOf } from '../support/rejection.ts'
import { describe, expect, test } from '../support/test.ts'

class NoAnswer extends Error {}

/** A server that answers when it is let, and knows what it was asked at once. */
function openServer(grouping: Grouping = { questionsMax: 64, underWayMax: 4 }) {
  const connection = new LocalConnection(':memory:')
  const requests: number[] = []
  const held: (() => void)[] = []
  let isHolding = false
  let isAway = false
  const asking: Asking = async (statements) => {
    requests.push(statements.length)
    if (isHolding) await new Promise<void>((go) => held.push(go))
    if (isAway) throw new NoAnswer()
    return statements.map(rowsOrRefusal)
  }
  const rowsOrRefusal = (statement: Statement) => {
    try {
      return connection.run(statement)
    } catch (error) {
      return error as Error
    }
  }
  const reads = new GroupedReads(asking, grouping)
  return {
    requests,
    ask: (value: string): Promise<Row[]> => reads.ask(question(value)),
    askWrongly: () => reads.ask({ sql: 'SELECT nothing', args: [] }),
    hold: () => {
      isHolding = true
    },
    letGo: () => {
      isHolding = false
      for (const go of held.splice(0)) go()
    },
    goAway: () => {
      isAway = true
    },
    comeBack: () => {
      isAway = false
    },
  }
}

function question(value: string): Statement {
  return { sql: 'SELECT ? AS value', args: [value] }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('questions to a server', () => {
  test('that are asked one after another go one by one', async () => {
    const { ask, requests } = openServer()
    expect(await ask('a')).toEqual([{ value: 'a' }])
    expect(await ask('b')).toEqual([{ value: 'b' }])
    expect(requests).toEqual([1, 1])
  })

  test('that are asked in the same breath go in one request, and each has its own answer', async () => {
    const { ask, requests } = openServer()
    const answers = await Promise.all(['a', 'b', 'c'].map(ask))
    expect(answers).toEqual([[{ value: 'a' }], [{ value: 'b' }], [{ value: 'c' }]])
    expect(requests).toEqual([3])
  })

  test('that are asked while some are under way go together after those', async () => {
    const { ask, requests, hold, letGo } = openServer()
    hold()
    const answers: Promise<Row[]>[] = []
    for (let number = 0; number < 10; number += 1) {
      answers.push(ask(String(number)))
      await settled()
    }
    expect(requests).toEqual([1, 1, 1, 1])
    letGo()
    const rows = await Promise.all(answers)
    expect(rows.map(([row]) => row?.value)).toEqual([...Array(10).keys()].map(String))
    expect(requests).toEqual([1, 1, 1, 1, 6])
  })

  test('wait for one another where only one group may be under way', async () => {
    const { ask, requests, hold, letGo } = openServer({ questionsMax: 3, underWayMax: 1 })
    hold()
    const first = ask('0')
    await settled()
    const others = ['1', '2', '3', '4'].map(ask)
    await settled()
    expect(requests).toEqual([1])
    letGo()
    const rows = await Promise.all([first, ...others])
    expect(rows.map(([row]) => row?.value)).toEqual(['0', '1', '2', '3', '4'])
    expect(requests).toEqual([1, 3, 1])
  })

  test('go in requests of at most 64', async () => {
    const { ask, requests } = openServer()
    const values = [...Array(150).keys()].map(String)
    const rows = await Promise.all(values.map(ask))
    expect(rows.map(([row]) => row?.value)).toEqual(values)
    expect(requests).toEqual([64, 64, 22])
  })

  test('of which one is refused are answered all the same', async () => {
    const { ask, askWrongly } = openServer()
    const [first, refused, last] = [ask('a'), rejectionOf(askWrongly()), ask('b')]
    expect(await first).toEqual([{ value: 'a' }])
    expect(await refused).toBeInstanceOf(Error)
    expect(await last).toEqual([{ value: 'b' }])
  })

  test('fail together, once, when there is no answer, and the next are asked again', async () => {
    const { ask, requests, goAway, comeBack } = openServer()
    goAway()
    const failures = await Promise.all(['a', 'b'].map((value) => rejectionOf(ask(value))))
    for (const failure of failures) expect(failure).toBeInstanceOf(NoAnswer)
    expect(requests).toEqual([2])
    comeBack()
    expect(await ask('c')).toEqual([{ value: 'c' }])
  })
})
