/** What stays of the calls beside each app: the newest, of not too long ago, and the same after a rebuild. */
import { execute } from '../../src/domain/execute.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { toolCallDecider } from '../../src/domain/tool-call.ts'
import { callDaysMax, callsOfGrantMax, findCallsOfGrant } from '../../src/projections/tool-calls.ts'
import { openWorld, type World } from '../safety/world.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'

const dayMs = 24 * 60 * 60 * 1000
const cause = { actor: 'client:dcr_1', correlationId: 'test' }
let world: World
let made = 0

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

async function call(grantId: string | undefined, at: number): Promise<void> {
  made += 1
  const about = { resource: 'https://auth.example.com/mcp/notes', tool: 'read_note' }
  const whose = { sub: 'usr_1', userId: 'usr_1', clientId: 'dcr_1', ...(grantId && { grantId }) }
  const hashes = { accessTokenHash: sha256('a'), argumentsHash: sha256('b') }
  const callId = `call_${String(made).padStart(6, '0')}`
  const facts = { callId, ...about, ...whose, ...hashes, definitionHash: sha256('c'), at }
  await execute<string>(world.store.log, cause, (work) =>
    work.decide(toolCallDecider, callId, { kind: 'make', call: facts }),
  )
}

async function kept(grantId: string): Promise<string[]> {
  const rows = await findCallsOfGrant(world.store.reader, { grantId, rowsMax: 1000 })
  return rows.map(({ callId }) => callId)
}

async function countAll(): Promise<number> {
  const row = await world.store.reader.get({
    sql: `SELECT count(*) AS "n" FROM "tool_calls_v1"`,
    args: [],
  })
  return Number(row?.n)
}

test('the newest calls of a consent stay, and the others are in the log alone', async () => {
  for (let at = 1; at <= callsOfGrantMax + 5; at += 1) await call('grt_1', at)
  const rows = await kept('grt_1')
  expect(rows.length).toBe(callsOfGrantMax)
  expect(rows[0]).toBe(`call_${String(callsOfGrantMax + 5).padStart(6, '0')}`)
  const [first] = await world.store.log.read({ streamId: 'tool-call/call_000001' })
  expect(first?.type).toBe('ToolCallMade')
})

test('calls of too long ago leave with later ones, of whatever consent', async () => {
  const later = (callDaysMax + 1) * dayMs
  for (let more = 0; more < 12; more += 1) await call('grt_2', later + more)
  expect(await kept('grt_1')).toEqual([])
  expect((await kept('grt_2')).length).toBe(12)
})

test('a call that rests on no consent is in the log alone', async () => {
  const before = await countAll()
  await call(undefined, (callDaysMax + 1) * dayMs)
  expect(await countAll()).toBe(before)
})

test('a rebuild ends with the same rows', async () => {
  const before = await kept('grt_2')
  await world.store.rebuild()
  expect([await kept('grt_1'), await kept('grt_2')]).toEqual([[], before])
})
