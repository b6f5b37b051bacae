/** A real SMTP server on this machine, which keeps what it is sent. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly to: string[]
  readonly from: string
  /** The message as it came, decoded from quoted-printable. */
  readonly content: string
}

export interface MailServer {
  readonly url: string
  readonly received: ReceivedMail[]
  /** The next mails are refused for now, as a busy server does. */
  refuse: boolean
  /** Resolves when so many have come. */
  count(wanted: number): Promise<void>
  stop(): Promise<void>
}

export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = []
  const waiting: { wanted: number; done: () => void }[] = []
  const state = { refuse: false }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (state.refuse) {
          callback(Object.assign(new Error('come back later'), { responseCode: 451 }))
          return
        }
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          to: rcptTo.map(({ address }) => address),
          from: mailFrom ? mailFrom.address : '',
          content: unquoted(Buffer.concat(chunks).toString('utf8')),
        })
        callback()
        for (const { wanted, done } of waiting) if (received.length >= wanted) done()
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    get refuse() {
      return state.refuse
    },
    set refuse(refuse) {
      state.refuse = refuse
    },
    count: (wanted) =>
      received.length >= wanted
        ? Promise.resolve()
        : new Promise((done) => waiting.push({ wanted, done })),
    stop: () => new Promise((done) => server.close(() => done())),
  }
}

function unquoted(content: string): string {
  const bytes = content
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The link in the newest mail, as a path below the server. */
export function newestLink({ received }: Pick<MailServer, 'received'>): string {
  const link = /https?:\/\/\S+\?token=[\w-]+/.exec(received.at(-1)?.content ?? '')?.[0]
  if (link === undefined) throw new Error('Cannot find a link: the newest mail has none')
  const { pathname, search } = new URL(link)
  return pathname + search
}
