/** A browser with an authorization request that an agent answers. */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { type AgentCredentials, navigator, send } from './agents.ts'
import {
  type AskedFor,
  authorizationUrl,
  newPkce,
  post,
  type Registered,
  redirectUri,
  register,
  type Tokens,
} from './oauth-client.ts'
import type { TestServer } from './server.ts'

type Server = Pick<TestServer, 'url' | 'person'>
export type Browser = ReturnType<TestServer['person']>

export interface Waiting {
  readonly client: Registered
  readonly browser: Browser
  readonly verifier: string
  /** The page's own address. */
  readonly page: string
  /** The client's request, which no agent needs to know. */
  readonly requestId: string
  /** What the page shows, to be handed to the agent. */
  readonly token: string
}

/** A browser comes from a client, and chooses that an agent signs in. */
export async function openForAgent(
  server: Server,
  asked: AskedFor = {},
  given: { client?: Registered; prefix?: string; browser?: Browser } = {},
): Promise<Waiting> {
  const { prefix = '/oauth', browser = server.person() } = given
  const client = given.client ?? (await register(server))
  const { verifier, challenge } = newPkce()
  const parameters = { scope: 'openid', code_challenge: challenge, ...asked }
  const url = authorizationUrl(server, client.client_id, parameters)
  const sent = await browser.open(url.replace('/oauth/', `${prefix}/`))
  const signIn = sent.headers.get('location') ?? ''
  const [, link = ''] =
    /href="(\/sign-in\/agent\?[^"]+)"/.exec(await (await browser.open(signIn)).text()) ?? []
  const html = await (await browser.open(link)).text()
  const [, token = ''] = /data-agent-request="([^"]+)"/.exec(html) ?? []
  const requestId = new URLSearchParams(link.slice(link.indexOf('?'))).get('request') ?? ''
  return { client, browser, verifier, page: link, requestId, token }
}

export function answerAs(
  server: Pick<TestServer, 'url'>,
  { token }: Pick<Waiting, 'token'>,
  credentials: AgentCredentials & { readonly client_id?: string } = navigator,
): Promise<Response> {
  const { agent_id, agent_secret, client_id } = credentials
  const body = { agent_id, agent_secret, client_id, request_id: token }
  return send(server, '/api/agent/authenticate', { body })
}

/** What the page of this browser would be told. */
export async function statusIn(
  server: Pick<TestServer, 'url'>,
  { token }: Pick<Waiting, 'token'>,
  browser: Pick<Browser, 'open'>,
): Promise<{ code: number; status?: string; agent_id?: string }> {
  const answer = await browser.open(`${server.url}/api/check-status?request_id=${token}`)
  return { code: answer.status, ...((await answer.json()) as object) }
}

/** Presses the button of the page as it is now. */
export async function goOn(
  { browser, page }: Pick<Waiting, 'browser' | 'page'>,
  decision: 'continue' | 'deny' = 'continue',
): Promise<URL | undefined> {
  const html = await (await browser.open(page)).text()
  const answer = await browser.submit('/sign-in/agent', { ...hiddenFields(html), decision })
  const location = answer.headers.get('location')
  return location === null || location.startsWith('/') ? undefined : new URL(location)
}

export async function redeemAs(
  server: Pick<TestServer, 'url'>,
  { client, verifier }: Pick<Waiting, 'client' | 'verifier'>,
  { back, prefix = '/oauth' }: { back: URL | undefined; prefix?: string },
) {
  return post<Tokens & { error?: string }>(server, `${prefix}/token`, {
    form: {
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      code: back?.searchParams.get('code') ?? '',
      code_verifier: verifier,
      client_id: client.client_id,
    },
  })
}

/** All of it, from the request to the tokens. */
export async function connectAgent(
  server: Server,
  asked: AskedFor = {},
  credentials: AgentCredentials = navigator,
) {
  const waiting = await openForAgent(server, asked)
  const answered = await answerAs(server, waiting, credentials)
  if (answered.status !== 200) throw new Error(`Cannot connect: ${await answered.text()}`)
  const { body: tokens } = await redeemAs(server, waiting, { back: await goOn(waiting) })
  return { ...waiting, tokens }
}
