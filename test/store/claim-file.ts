/** A process of its own that opens a store on the file given, says so, and stays until it is killed. */
import { note, openTestStore } from './fixture.ts'

const store = await openTestStore(`file:${process.argv[2]}`)
await store.log.append(note('note/of-the-other-process'))
console.log('open')
setInterval(() => {}, 60_000)
