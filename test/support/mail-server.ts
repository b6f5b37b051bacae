/** A real SMTP server on this machine, which keeps what it is sent. */
import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly to: string[]
  readonly from: string
  /** The message as it came, decoded from quoted-printable. */
  readonly content: string
}

export interface WantedMail {
  readonly to: string
  /** How many letters came before it could have. */
  readonly after?: number
  /** Words that stand in it. */
  readonly with?: string
}

export interface MailServer {
  readonly url: string
  readonly received: ReceivedMail[]
  /** The next mails are refused for now, as a busy server does. */
  refuse: boolean
  /** The first letter that is wanted, once it is there; others may come before and between. */
  next(wanted: WantedMail): Promise<ReceivedMail>
  /** The link with a secret in the next such letter, as a path below the server. */
  nextLink(wanted: Omit<WantedMail, 'with'>): Promise<string>
  stop(): Promise<void>
}

export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = []
  const arrivals = new EventEmitter().setMaxListeners(0)
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
        arrivals.emit('letter')
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const next = async (wanted: WantedMail): Promise<ReceivedMail> => {
    for (;;) {
      const found = received.slice(wanted.after).find((letter) => fits(letter, wanted))
      if (found) return found
      await once(arrivals, 'letter')
    }
  }
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    get refuse() {
      return state.refuse
    },
    set refuse(refuse) {
      state.refuse = refuse
    },
    next,
    nextLink: async (wanted) => linkIn(await next({ ...wanted, with: '?token=' })),
    stop: () => new Promise((done) => server.close(() => done())),
  }
}

function fits({ to, content }: ReceivedMail, wanted: WantedMail): boolean {
  return to.includes(wanted.to) && content.includes(wanted.with ?? '')
}

function unquoted(content: string): string {
  const bytes = content
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function linkIn({ content }: ReceivedMail): string {
  const link = /https?:\/\/\S+\?token=[\w-]+/.exec(content)?.[0]
  if (link === undefined) throw new Error('Cannot find a link: the letter has none')
  const { pathname, search } = new URL(link)
  return pathname + search
}
