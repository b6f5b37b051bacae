/** Agents of a person: one that is theirs, may give something and asks for more, and one that names them. */
import { answerQuestion, confirmAgent, listOwnAgents } from '../../src/agents/own-agents.ts'
import { questionsFor } from '../../src/agents/owner-questions.ts'
import { findUserByEmail } from '../../src/protocol/email-address.ts'
import { answerAs, openForAgent } from './agent-browser.ts'
import { navigator, registerAgent } from './agents.ts'
import type { TestServer } from './server.ts'

const cause = { actor: 'cli', correlationId: 'cor_test' }

export async function giveAgents(server: TestServer, owner_email: string): Promise<void> {
  const { services } = server
  const [name = ''] = owner_email.split('@')
  const own = { ...navigator, agent_id: `${name}.own`, owner_email }
  await registerAgent(server, own)
  const user = await findUserByEmail(services, owner_email)
  if (!user) throw new Error(`Cannot give agents: nobody has "${owner_email}"`)
  const [agent] = (await listOwnAgents(services, user)).naming
  await confirmAgent(services, user, { agentId: agent?.agentId ?? '', cause })
  await answerAs(server, await openForAgent(server, { scope: 'read' }), own)
  const [asked] = await questionsFor(services, user.userId)
  await answerQuestion(services, user, { id: asked?.id ?? '', allow: true, cause })
  await answerAs(server, await openForAgent(server, { scope: 'book' }), own)
  await registerAgent(server, { agent_id: `${name}.other`, owner_email })
}
