/** A reading thread: it waits for the disk, so that the server does not; see reading-threads.ts. */
import { LocalConnection } from './local-connection.ts'
import { answer, listen } from './thread-answers.ts'
import { answersText, TransactionReader } from './transaction-text.ts'

/** What the disk gave once the system keeps; what one thread keeps is of no use to another. */
const keepFewPages = 'PRAGMA cache_size = -2000'

const reader = new TransactionReader()
let connection: LocalConnection | undefined

listen((message) =>
  answer(1, () => {
    if ('ask' in message) return [answersTo(message.ask)]
    if ('open' in message) open(message.open)
    else connection?.close()
    return ['']
  }),
)

function answersTo(questions: string): string {
  const open = connection
  if (!open) throw new Error('the file is not open')
  return answersText(reader.questions(questions).map((statement) => open.run(statement)))
}

function open(path: string): void {
  connection = new LocalConnection(path, { busyTimeoutMs: 5_000 })
  connection.execute(keepFewPages)
}
