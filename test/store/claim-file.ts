/** A process of its own that opens a store on the file given, says so, and stays until it is killed, or its parent ends. */
import { note, openTestStore } from './fixture.ts'

async function claim(): Promise<void> {
  const store = await openTestStore(`file:${process.argv[2]}`)
  await store.log.append(note('note/of-the-other-process'))
}

await claim()
// Nothing refers to the store any more; the lock must hold all the same (once it did not).
for (let turn = 0; turn < 3; turn += 1) {
  await new Promise((resolve) => setTimeout(resolve, 1))
  Bun.gc(true)
}
console.log('open')
process.stdin.on('end', () => process.exit()).resume()
