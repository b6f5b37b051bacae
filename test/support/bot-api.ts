/**
 * A server that speaks Telegram's Bot API over HTTP, for one bot, and the people who write to it.
 * Updates are kept until the bot has confirmed them: by the next `getUpdates`, or by a 200 from its
 * webhook. It can be told to fail.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const botToken = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw'
export const botName = 'aigon_auth_bot'

export interface Sent {
  readonly chat_id: number | string
  readonly text: string
  readonly entities?: readonly { type: string; offset: number; length: number }[]
  readonly reply_markup?: { inline_keyboard: Record<string, unknown>[][] }
}

export interface Call {
  readonly method: string
  readonly body: Record<string, unknown>
}

interface Failure {
  readonly status: number
  readonly description: string
  readonly retryAfter?: number
}

export interface Writer {
  readonly id: number
  readonly first_name?: string
  readonly last_name?: string
  readonly username?: string
  readonly language_code?: string
  readonly is_bot?: boolean
}

interface Update {
  readonly update_id: number
  readonly [field: string]: unknown
}

export class BotApi {
  readonly calls: Call[] = []
  readonly sent: Sent[] = []
  /** Asked before each call; the call fails as it says, or by a connection that breaks. */
  failing: (call: Call) => Failure | 'breaks' | undefined = () => undefined
  webhook: { url: string; secret_token: string } | undefined
  url = ''
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #listeners = new Set<() => void>()
  #pending: Update[] = []
  #nextId = 1

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** What a bot's settings are that talks to this. */
  settings(more: Record<string, unknown> = {}) {
    return { bot: { token: botToken, apiUrl: this.url, ...more } }
  }

  /** Resolves once the condition holds; looked at whenever something happened here. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => this.#listeners.add(resolve))
    }
  }

  calledTimes(method: string): number {
    return this.calls.filter((call) => call.method === method).length
  }

  /** Somebody writes; resolves with what was sent to that chat until the bot confirmed it. */
  async say(from: Writer, text: string, chat: Record<string, unknown> = {}): Promise<Sent[]> {
    return this.bring(this.message(from, text, chat))
  }

  message(from: Writer, text: string, chat: Record<string, unknown> = {}): Update {
    const [command] = /^\/[\w@]+/.exec(text) ?? []
    const entities = command ? [{ type: 'bot_command', offset: 0, length: command.length }] : []
    return this.update({
      message: {
        message_id: this.#nextId,
        date: 1_700_000_000,
        from: { is_bot: false, first_name: 'Grace', ...from },
        chat: { id: from.id, type: 'private', first_name: 'Grace', ...chat },
        text,
        entities,
      },
    })
  }

  /** Somebody presses a button of the last message that was sent to them. */
  async press(from: Writer, data: string): Promise<void> {
    await this.bring(
      this.update({
        callback_query: {
          id: String(this.#nextId),
          from: { is_bot: false, first_name: 'Grace', ...from },
          chat_instance: '1',
          data,
          message: {
            message_id: 1,
            date: 1_700_000_000,
            chat: { id: from.id, type: 'private', first_name: 'Grace' },
            text: 'A question',
          },
        },
      }),
    )
  }

  update(fields: Record<string, unknown>): Update {
    const update_id = this.#nextId
    this.#nextId += 1
    return { update_id, ...fields }
  }

  async bring(update: Update): Promise<Sent[]> {
    const before = this.sent.length
    this.#pending.push(update)
    this.#changed()
    while (this.#pending.includes(update)) {
      if (this.webhook) await this.#bringByWebhook(update)
      else await new Promise<void>((resolve) => this.#listeners.add(resolve))
    }
    return this.sent.slice(before)
  }

  async #bringByWebhook(update: Update): Promise<void> {
    const response = await this.post(update)
    if (response.ok) this.#pending = this.#pending.filter((each) => each !== update)
    this.#changed()
  }

  /** Brings an update as Telegram does, whether or not it was brought before. */
  post(update: unknown, secret = this.webhook?.secret_token): Promise<Response> {
    return fetch(this.webhook?.url ?? '', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret }),
      },
      body: JSON.stringify(update),
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const [, token, method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? []
    const text = Buffer.concat(chunks).toString('utf8')
    const call = { method, body: text === '' ? {} : JSON.parse(text) }
    this.calls.push(call)
    const failure = this.failing(call)
    if (failure === 'breaks') {
      request.socket.destroy()
      return this.#changed()
    }
    const refused =
      failure ?? (token === botToken ? undefined : { status: 401, description: 'Unauthorized' })
    if (refused) {
      const { status: error_code, description, retryAfter: retry_after } = refused
      const parameters = retry_after === undefined ? {} : { parameters: { retry_after } }
      reply(response, error_code, { ok: false, error_code, description, ...parameters })
    } else {
      reply(response, 200, { ok: true, result: await this.#do(call, request) })
    }
    this.#changed()
  }

  async #do({ method, body }: Call, request: IncomingMessage): Promise<unknown> {
    switch (method) {
      case 'getMe':
        return { id: 110201543, is_bot: true, first_name: 'Aigon', username: botName }
      case 'setWebhook':
        this.webhook = body as never
        return true
      case 'deleteWebhook':
        this.webhook = undefined
        return true
      case 'getUpdates': {
        const { offset = 0 } = body as { offset?: number }
        this.#pending = this.#pending.filter(({ update_id }) => update_id >= offset)
        this.#changed()
        const { socket } = request
        const wake = () => this.#changed()
        socket.once('close', wake)
        await this.until(() => socket.destroyed || this.#pending.length > 0)
        socket.off('close', wake)
        return this.#pending
      }
      case 'sendMessage':
        this.sent.push(body as never)
        return { message_id: this.sent.length, date: 1_700_000_000, chat: { id: body.chat_id } }
      default:
        return true
    }
  }

  #changed(): void {
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener()
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** The token that a message holds. */
export function tokenIn(sent: Sent | undefined): string {
  const code = sent?.entities?.find(({ type }) => type === 'code')
  return code ? (sent?.text.slice(code.offset, code.offset + code.length) ?? '') : ''
}
