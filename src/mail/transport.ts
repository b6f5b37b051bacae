/**
 * The way that mail takes: an SMTP server, or where none is named the terminal in front of whoever
 * runs this server. Where nobody looks at it either, mail is dropped, and the log says so without
 * what it said.
 */
import type { Transporter } from 'nodemailer'
import { isLoopbackHost } from '../config/formats.ts'
import type { Settings } from '../config/settings.ts'
import type { Logger } from '../domain/logger.ts'

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface MailTransport {
  readonly isReady: boolean
  send(mail: Mail): Promise<void>
}

const timeoutMs = 20_000

export function mailTransport(
  settings: Settings,
  { logger, show }: { logger: Logger; show?: ((text: string) => void) | undefined },
): MailTransport {
  if (settings.mail.url !== undefined) return smtpTransport(settings, settings.mail.url)
  return {
    isReady: show !== undefined,
    send: async ({ to, subject, text }) => {
      if (!show) {
        logger.warn({}, 'a mail was dropped: GRANTLOG_MAIL_URL names no server to send it by')
        return
      }
      show(`\n── mail to ${to}, shown here because no mail.url is set\n${subject}\n\n${text}\n──\n`)
    },
  }
}

function smtpTransport({ mail, brand }: Settings, address: string): MailTransport {
  const url = new URL(address)
  const secure = url.protocol === 'smtps:'
  const options = {
    host: url.hostname,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // A password and a link that signs in go over this line; only this machine may do without.
    requireTLS: !secure && !isLoopbackHost(url.hostname),
    ...(url.username === ''
      ? {}
      : {
          auth: {
            user: decodeURIComponent(url.username),
            pass: decodeURIComponent(url.password),
          },
        }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
  const from = { name: brand, address: mail.from }
  const headers = { 'Auto-Submitted': 'auto-generated' }
  let transporter: Transporter | undefined
  return {
    isReady: true,
    send: async ({ to, ...content }) => {
      // Loaded with the first letter, because it would be a seventh of what a start takes.
      const { createTransport } = await import('nodemailer')
      transporter ??= createTransport(options)
      await transporter.sendMail({ ...content, from, to: { name: '', address: to }, headers })
    },
  }
}
