/** The tools of a resource, each with what the settings say that it does. */
import { requireApproval, wordsForCall } from '../approvals/call-approval.ts'
import type { BuiltinName } from '../config/builtin-tools.ts'
import type { Resource } from '../config/resource-settings.ts'
import type { Settings } from '../config/settings.ts'
import type { ToolSetting } from '../config/tool-settings.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import { recordRefused } from '../protocol/tool-call-record.ts'
import { callEndpoint, factsOf } from './endpoint-tool.ts'
import { getJobAudit } from './get-job-audit.ts'
import { getJobStatus } from './get-job-status.ts'
import { startJob } from './job-tool.ts'
import type { Tool, ToolAnswer, ToolRun } from './tool.ts'

/** Those whose scope the resource does not offer could be called by nobody. */
export function toolsOf({ tools }: Settings, { resource, scopes }: Resource): Tool[] {
  return tools
    .filter((tool) => tool.resource === resource && Object.hasOwn(scopes, tool.scope))
    .map((tool) => ({ tool, run: runOf(tool) }))
}

const builtins: Readonly<Record<BuiltinName, Tool['run']>> = {
  get_job_status: getJobStatus,
  get_job_audit: getJobAudit,
}

function runOf({ http, builtin, approval }: ToolSetting): Tool['run'] {
  if (http !== undefined) {
    return (run) =>
      approval ? onceApproved(run, () => callEndpoint(http, run)) : callEndpoint(http, run)
  }
  return builtin === undefined ? startJob : builtins[builtin]
}

/** A job waits by itself; an endpoint is called when the same call comes again. */
async function onceApproved(run: ToolRun, call: () => Promise<ToolAnswer>): Promise<ToolAnswer> {
  const { services, token, tool, given, correlationId } = run
  const { name, scope } = tool
  const asked = { tool: name, scope, given: canonicalJson(given), correlationId }
  const answer = await requireApproval(services, token, asked)
  if (answer.outcome === 'approved') return call()
  await recordRefused(services, [factsOf(run)], 'approval_needed')
  return { outcome: 'refused', text: wordsForCall(name, answer) }
}
