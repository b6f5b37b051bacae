/** An agent in a few lines, for tests. */
import type { TestServer } from './server.ts'

export interface AgentCredentials {
  readonly agent_id: string
  readonly agent_secret: string
}

export const navigator = {
  agent_id: 'navigator',
  agent_secret: 'a chart of every harbour',
  model_name: 'a model',
  owner_name: 'Grace Hopper',
  owner_email: 'grace@example.com',
}

export function send(
  { url }: Pick<TestServer, 'url'>,
  path: string,
  { body, token, method = 'POST' }: { body?: unknown; token?: string; method?: string } = {},
): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

export function registerAgent(
  server: Pick<TestServer, 'url'>,
  fields: Partial<typeof navigator> = {},
): Promise<Response> {
  return send(server, '/api/register-agent', { body: { ...navigator, ...fields } })
}

export function authenticate(
  server: Pick<TestServer, 'url'>,
  { agent_id, agent_secret }: AgentCredentials = navigator,
): Promise<Response> {
  return send(server, '/api/agent-auth', { body: { agent_id, agent_secret } })
}

/** The token by which the agent looks after itself, from a server without envelopes. */
export async function tokenOf(
  server: Pick<TestServer, 'url'>,
  credentials: AgentCredentials = navigator,
): Promise<string> {
  const answer = (await (await authenticate(server, credentials)).json()) as {
    access_token: string
  }
  return answer.access_token
}
