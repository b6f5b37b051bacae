/**
 * What a client is told of a server elsewhere: of its tools those that it may know of, of its
 * abilities those that can be asked for here.
 */
import type { GatewayUpstream } from '../config/gateway-settings.ts'
import { isMembers } from './message.ts'
import { ruleOfMethod, scopeOfTool } from './rules.ts'
import type { Visit } from './visit.ts'

type Result = Readonly<Record<string, unknown>>

/** The method without which an ability is none. */
const methodOfAbility: Readonly<Record<string, string>> = {
  completions: 'completion/complete',
  logging: 'logging/setLevel',
  prompts: 'prompts/list',
  resources: 'resources/list',
  tasks: 'tasks/get',
}

export function offeredAbilities(upstream: GatewayUpstream, result: Result): Result {
  const { capabilities } = result
  if (!isMembers(capabilities)) return result
  const offered = Object.entries(capabilities).filter(([ability]) => {
    const method = methodOfAbility[ability]
    return method === undefined || ruleOfMethod(upstream, method).kind !== 'not_offered'
  })
  return { ...result, capabilities: Object.fromEntries(offered) }
}

/** Those that are mapped to a scope and are as they were approved; of these all or the caller's. */
export async function offeredTools(visit: Visit, result: Result): Promise<Result> {
  const { definitions, upstream } = visit.gate
  const listed = Array.isArray(result.tools) ? result.tools : []
  const { trusted } = await definitions.note(listed, visit.correlationId)
  const shown = trusted.filter(({ name }) => {
    const scope = scopeOfTool(upstream, name)
    if (scope === undefined) return false
    return upstream.toolsList === 'whole' || visit.token.scopes.includes(scope)
  })
  return { ...result, tools: shown.map(({ definition }) => definition) }
}
