/**
 * What it costs to call a tool by way of the gateway: the same call to the same MCP server, directly
 * and through, one after the other. Prints the median and the 95th percentile, and the ratio.
 *
 *   bun test/bench/gateway.ts [calls]
 */
import process from 'node:process'
import { ask, callOf, sendTo, startNotesGateway } from '../support/notes-gateway.ts'

const calls = Number(process.argv[2] ?? 500)
const warmUp = 50

const ways = [
  { name: 'as set up first', given: {} },
  { name: 'reads recorded after', given: { recordReads: 'after' } },
  { name: 'with a token of its own', given: { credential: 'exchange' } },
] as const

async function measure(once: () => Promise<{ status: number }>): Promise<number[]> {
  const times: number[] = []
  for (let index = -warmUp; index < calls; index += 1) {
    const start = performance.now()
    const { status } = await once()
    if (status !== 200) throw new Error(`Cannot measure: status ${status}`)
    if (index >= 0) times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)
}

function at(times: readonly number[], share: number): number {
  return times[Math.floor(times.length * share)] ?? 0
}

function show(name: string, times: readonly number[], direct = times): void {
  const [median, p95] = [at(times, 0.5), at(times, 0.95)]
  const more = median - at(direct, 0.5)
  const ratio = median / at(direct, 0.5)
  const columns = [
    name.padEnd(26),
    `${median.toFixed(2)} ms`.padStart(10),
    `p95 ${p95.toFixed(2)} ms`.padStart(14),
    direct === times ? '' : `+${more.toFixed(2)} ms, ×${ratio.toFixed(1)}`,
  ]
  console.log(columns.join('  ').trimEnd())
}

for (const [index, { name, given }] of ways.entries()) {
  const notes = await startNotesGateway({ definitionsSeconds: 3600, ...given })
  const token = (await notes.connect()).tokens.access_token
  const body = callOf('read_note', { text: 'hello' })
  const direct = await measure(() => sendTo(notes.upstream.url, { body }))
  const through = await measure(() => sendTo(notes.endpoint, { token, body }))
  if (index === 0) {
    show('direct', direct)
    const ping = { token, body: ask('ping') }
    show('through, no call', await measure(() => sendTo(notes.endpoint, ping)), direct)
  }
  show(name, through, direct)
  await notes.stop()
}
