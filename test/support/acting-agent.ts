/** An agent that may act for its owner: confirmed, consented to, and with a client's tokens. */
import { answerQuestion, confirmAgent, listOwnAgents } from '../../src/agents/own-agents.ts'
import { questionsFor } from '../../src/agents/owner-questions.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { findAccessToken } from '../../src/protocol/tokens/access-token.ts'
import { answerAs, goOn, openForAgent, redeemAs } from './agent-browser.ts'
import { navigator, registerAgent } from './agents.ts'
import type { Registered } from './oauth-client.ts'
import { admin, type TestServer } from './server.ts'

const cause = { actor: 'cli', correlationId: 'cor_test' }

export interface ActingAgent {
  readonly agentId: string
  readonly ownerId: string
  readonly client: Registered
  readonly accessToken: string
}

export interface AgentWish {
  readonly handle?: string
  readonly owner?: { readonly email: string }
  readonly scope?: string
  readonly resource?: string
  readonly client?: Registered
}

/** The administrator's unless told. */
export async function actingAgent(server: TestServer, wish: AgentWish = {}): Promise<ActingAgent> {
  const { services } = server
  const { handle = 'navigator', owner = admin, scope = 'book read', resource, client } = wish
  const credentials = { ...navigator, agent_id: handle, owner_email: owner.email }
  await registerAgent(server, credentials)
  const user = await findUserByEmail(services, owner.email)
  if (!user) throw new Error(`Cannot give an agent: nobody has "${owner.email}"`)
  const { naming } = await listOwnAgents(services, user)
  const { agentId = '' } = naming.find((each) => each.handle === handle) ?? {}
  await confirmAgent(services, user, { agentId, cause })
  const asked = { scope, ...(resource === undefined ? {} : { resource }) }
  const waiting = await openForAgent(server, asked, client === undefined ? {} : { client })
  await answerAs(server, waiting, credentials)
  for (const { id } of await questionsFor(services, user.userId)) {
    await answerQuestion(services, user, { id, allow: true, cause })
  }
  await answerAs(server, waiting, credentials)
  const { body } = await redeemAs(server, waiting, { back: await goOn(waiting) })
  const { userId: ownerId } = user
  return { agentId, ownerId, client: waiting.client, accessToken: body.access_token }
}

/** What an agent's token stands for now. */
export async function tokenOfAgent({ services }: TestServer, { accessToken }: ActingAgent) {
  const token = await findAccessToken(services, accessToken)
  if (!token) throw new Error('Cannot act: the token is not good')
  return token
}
