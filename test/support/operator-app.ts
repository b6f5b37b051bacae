/**
 * An operator's own app on the issuer's host, as anybody could write it against the interaction
 * API: it sees the browser's cookie, signs its words with the front's key, and knows its people.
 */
import { createHash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { type FrontWord, readFrontKey, signAsFront } from '../../src/protocol/front-key.ts'

export interface AppHosts {
  readonly issuer: string
  readonly apiUrl: string
  readonly privateKey: string
  readonly now?: () => number
}

export interface Interaction {
  readonly id: string
  /** The value of the browser's cookie. */
  readonly cookie: string
}

export interface Asked {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer
  readonly body: any
}

export class OperatorApp {
  readonly #hosts: AppHosts

  constructor(hosts: AppHosts) {
    this.#hosts = hosts
  }

  /** A browser comes to the authorization endpoint, and is sent to the app's page. */
  async arrive(authorizationUrl: string, cookie?: string): Promise<Interaction> {
    const headers: Record<string, string> = cookie === undefined ? {} : { cookie: named(cookie) }
    const response = await fetch(authorizationUrl, { redirect: 'manual', headers })
    const location = new URL(response.headers.get('location') ?? '', this.#hosts.issuer)
    const [pair = ''] = (response.headers.getSetCookie()[0] ?? '').split(';')
    const id = location.searchParams.get('interaction')
    if (id === null) throw new Error(`Cannot answer: sent to ${location}`)
    return { id, cookie: cookie ?? pair.slice(pair.indexOf('=') + 1) }
  }

  sign(word: FrontWord, interaction: Interaction, claims: JWTPayload = {}): Promise<string> {
    const { issuer, apiUrl, privateKey, now = Date.now } = this.#hosts
    const nonce = createHash('sha256').update(interaction.cookie).digest('base64url')
    return signAsFront(
      word,
      { interaction: interaction.id, nonce, ...claims },
      { parties: { issuer, apiUrl }, key: readFrontKey(privateKey), now: now() },
    )
  }

  async ask(interaction: Interaction, claims: JWTPayload = {}): Promise<Asked> {
    return this.send('GET', interaction.id, await this.sign('question', interaction, claims))
  }

  async accept(interaction: Interaction, claims: JWTPayload): Promise<Asked> {
    const signed = await this.sign('acceptance', interaction, { ...this.proof(), ...claims })
    return this.send('POST', `${interaction.id}/accept`, signed)
  }

  async deny(interaction: Interaction): Promise<Asked> {
    return this.send('POST', `${interaction.id}/deny`, await this.sign('denial', interaction))
  }

  /** That somebody has just typed a password. */
  proof() {
    const { now = Date.now } = this.#hosts
    return { auth_time: Math.floor(now() / 1000), amr: ['pwd'] }
  }

  /** All of it: the person signs in at the app, reads, and presses its button. */
  async answer(authorizationUrl: string, person: JWTPayload): Promise<URL> {
    const interaction = await this.arrive(authorizationUrl)
    const { shown } = (await this.ask(interaction, person)).body
    const { status, body } = await this.accept(interaction, { ...person, shown })
    if (status !== 200) throw new Error(`Cannot answer: ${JSON.stringify(body)}`)
    return new URL(body.redirect_to)
  }

  async send(method: string, path: string, jwt: string | undefined): Promise<Asked> {
    const headers: Record<string, string> = jwt ? { authorization: `Bearer ${jwt}` } : {}
    const url = `${this.#hosts.apiUrl}/api/interactions/${path}`
    const response = await fetch(url, { method, headers })
    return { status: response.status, body: await response.json() }
  }
}

function named(cookie: string): string {
  return `grantlog-browser=${cookie}`
}
