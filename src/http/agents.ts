/** Programs that sign in by themselves: their own endpoints, and the pages about them. */
import { Elysia } from 'elysia'
import type { Services } from '../protocol/services.ts'
import { agentApi } from './agent-api.ts'
import { agentSignIn } from './agent-sign-in.ts'
import { ownAgents } from './own-agents.ts'
import type { RequestLimiter } from './rate-limit.ts'

export function agents(services: Services, limiter: RequestLimiter) {
  return new Elysia({ name: 'agents' })
    .use(agentApi(services, limiter))
    .use(agentSignIn(services, limiter))
    .use(ownAgents(services))
}
