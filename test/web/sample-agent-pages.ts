/** The pages about agents, in the states that differ to the eye. */
import { agentSignInPage } from '../../src/web/agent-sign-in.tsx'
import { ownAgentsPage } from '../../src/web/own-agents.tsx'
import { english } from '../../src/web/words/english.tsx'
import { german } from '../../src/web/words/german.tsx'
import { visitor } from './sample-visitor.ts'

const hostile =
  '<script>alert(1)</script>"\' onmouseover=alert(2) style=x:y \u202Eevil\u2066\u200B\u0000 מהיר Сlaude'
const shell = { brand: 'Example', words: english }
const agent = {
  handle: 'navigator',
  modelName: 'a large model',
  ownerName: 'Grace Hopper',
  confirmed: true,
}
const asked = {
  ...shell,
  clientName: 'Harbour master',
  redirectHost: 'harbour.example.com',
  otherWay: '/sign-in?request=req_1',
  here: '/sign-in/agent?request=req_1',
}
const waiting = {
  token: 'glt_ar_KfX1d9w2yQ8oYc0nVb3mTzR5uEaGh7iJk4LpSsDqWxZ000000',
  endpoint: 'https://auth.example.com/api/agent/authenticate',
}
const form = { action: '/sign-in/agent', hidden: { csrf: 'csrf-token', request_id: 'req_1' } }
const stranger = {
  handle: hostile,
  modelName: hostile.repeat(50),
  ownerName: 'W'.repeat(10_000),
  confirmed: false,
}

const at = Date.UTC(2026, 10, 21, 14, 3, 9)
const given = { resourceName: 'Example MCP', abilities: ['Read your things', 'Change your things'] }
const consent = {
  ...given,
  clientId: 'dcr_1',
  clientName: 'Harbour master',
  resource: 'https://api.example.com/mcp',
  since: at,
}
const jobs = [
  { status: 'paused_payment', tool: 'book_restaurant' },
  { status: 'done', tool: 'book_hotel' },
].map((job, place) => ({
  ...{ ...job, status: job.status as 'done' },
  ...{ jobId: `job_${place}`, clientName: 'Claude Code', at: Date.UTC(2026, 10, 20, 9 - place) },
}))

const signIns = [1, 2, 3].map((hours) => ({
  clientName: 'Harbour master',
  at: at - hours * 3_600_000,
}))
const own = {
  ...agent,
  agentId: 'agt_1',
  status: 'confirmed',
  registeredAt: at,
  consents: [consent],
  jobs,
  signIns,
} as const
const question = {
  ...given,
  id: 'question-1',
  handle: 'navigator',
  clientName: 'Tide tables',
  redirectHost: 'tides.example.com',
  askedAt: at,
}
const naming = { ...agent, confirmed: false, agentId: 'agt_2', registeredAt: at }
const emptyRoom = {
  ...shell,
  visitor,
  action: '/account/agents',
  csrf: 'csrf-token',
  hasAddress: true,
  byMail: true,
  naming: [],
  namingMore: 0,
  questions: [],
  agents: [],
  page: 1,
  pages: 1,
}
const room = { ...emptyRoom, naming: [naming], questions: [question], agents: [own] }
const strange = { resourceName: hostile, abilities: [hostile, hostile] }
const three = [1, 2, 3]

export const sampleAgentPages: Readonly<Record<string, string>> = {
  'agent-waiting': agentSignInPage({ ...asked, waiting }),
  'agent-waiting-german': agentSignInPage({ ...asked, words: german, waiting }),
  'agent-answered': agentSignInPage({ ...asked, answered: { agent, ...form } }),
  'agent-answered-german': agentSignInPage({
    ...asked,
    words: german,
    answered: { agent: { ...agent, confirmed: false }, ...form },
  }),
  'agent-over': agentSignInPage(asked),
  'agent-hostile': agentSignInPage({
    ...asked,
    brand: hostile,
    clientName: hostile.repeat(100),
    redirectHost: hostile,
    answered: { ...form, agent: stranger },
  }),
  'own-agents-empty': ownAgentsPage({ ...emptyRoom, hasAddress: false }),
  'own-agents': ownAgentsPage(room),
  'own-agents-german': ownAgentsPage({
    ...room,
    words: german,
    problem: 'agent_gone',
    agents: [
      own,
      { ...own, agentId: 'agt_3', status: 'revoked', consents: [], jobs: [], signIns: [] },
    ],
  }),
  'own-agents-secret': ownAgentsPage({
    ...emptyRoom,
    secret: { handle: 'navigator', text: 'KfX1d9w2yQ8oYc0nVb3mTzR5uEaGh7iJk4LpSsDqWxZ' },
    agents: [{ ...own, consents: [] }],
  }),
  'own-agents-hostile': ownAgentsPage({
    ...room,
    brand: hostile,
    namingMore: 45,
    naming: three.map((n) => ({ ...stranger, agentId: `agt_${n}`, registeredAt: at })),
    questions: three.map((n) => ({
      ...question,
      ...strange,
      id: `question-${n}`,
      handle: hostile,
      clientName: hostile,
      redirectHost: hostile,
    })),
    agents: three.map((n) => ({
      ...stranger,
      agentId: `agt_${n + 5}`,
      status: 'confirmed',
      registeredAt: at,
      consents: three.map((m) => ({
        ...consent,
        ...strange,
        clientId: `dcr_${m}`,
        clientName: hostile,
      })),
      jobs: jobs.map((job) => ({ ...job, tool: hostile, clientName: hostile })),
      signIns: signIns.map((signIn) => ({ ...signIn, clientName: hostile })),
    })),
    page: 2,
    pages: 3,
  }),
}
