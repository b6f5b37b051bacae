/** The pages about agents, in the states that differ to the eye. */
import { agentSignInPage } from '../../src/web/agent-sign-in.tsx'
import { english } from '../../src/web/words/english.tsx'
import { german } from '../../src/web/words/german.tsx'

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
}
