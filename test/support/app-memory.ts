/**
 * What an application keeps while it connects, for the providers of both MCP SDKs. A person stands
 * beside it: when the SDK sends the browser off, the person answers, and the callback waits here.
 */
import { randomBytes } from 'node:crypto'
import type { DemoPerson } from '../../src/cli/demo-person.ts'

export const appRedirectUri = 'http://127.0.0.1:33418/callback'

/** Whoever answers when the browser is sent off. */
type Answering = Pick<DemoPerson, 'answer'>

export class AppMemory<
  Information extends object,
  Tokens extends { access_token: string },
  Discovery,
> {
  readonly redirectUrl = appRedirectUri
  /** Where the SDK has sent the browser, in order. */
  readonly redirects: URL[] = []
  readonly #person: Answering
  readonly #decision: 'approve' | 'deny'
  #state = ''
  #verifier = ''
  #callback: URL | undefined
  #information: Information | undefined
  #tokens: Tokens | undefined
  #discovery: Discovery | undefined

  constructor(person: Answering, decision: 'approve' | 'deny' = 'approve') {
    this.#person = person
    this.#decision = decision
  }

  state(): string {
    this.#state = randomBytes(16).toString('base64url')
    return this.#state
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    this.redirects.push(url)
    this.#callback = await this.#person.answer(url.href, this.#decision)
  }

  /** What the callback was called with; its `state` is checked, as the SDKs leave that to us. */
  takeCallback(): URLSearchParams {
    const callback = this.#callback
    this.#callback = undefined
    if (!callback) throw new Error('Cannot go on: nobody came back from the authorization')
    if (`${callback.origin}${callback.pathname}` !== appRedirectUri) {
      throw new Error(`Cannot go on: the person was sent to ${callback.origin}`)
    }
    if (callback.searchParams.get('state') !== this.#state) {
      throw new Error('Cannot go on: this answers another question')
    }
    return callback.searchParams
  }

  /** As when its storage lost what it held, the refresh token excepted. */
  loseAccessToken(): void {
    this.#tokens = { ...this.held(), access_token: 'lost' }
  }

  held(): Tokens {
    if (!this.#tokens) throw new Error('Cannot go on: the application holds no tokens')
    return this.#tokens
  }

  registered(): Information {
    if (!this.#information) throw new Error('Cannot go on: the application is not registered')
    return this.#information
  }

  clientInformation(): Information | undefined {
    return this.#information
  }

  saveClientInformation(information: Information): void {
    this.#information = information
  }

  tokens(): Tokens | undefined {
    return this.#tokens
  }

  saveTokens(tokens: Tokens): void {
    this.#tokens = tokens
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier(): string {
    return this.#verifier
  }

  saveDiscoveryState(discovery: Discovery): void {
    this.#discovery = discovery
  }

  discoveryState(): Discovery | undefined {
    return this.#discovery
  }

  invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    if (scope === 'all' || scope === 'client') this.#information = undefined
    if (scope === 'all' || scope === 'tokens') this.#tokens = undefined
    if (scope === 'all' || scope === 'discovery') this.#discovery = undefined
  }
}
