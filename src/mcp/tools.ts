/** The tools of a resource, each with what the settings say that it does. */
import type { BuiltinName } from '../config/builtin-tools.ts'
import type { Resource } from '../config/resource-settings.ts'
import type { Settings } from '../config/settings.ts'
import type { ToolSetting } from '../config/tool-settings.ts'
import { callEndpoint } from './endpoint-tool.ts'
import { getJobAudit } from './get-job-audit.ts'
import { getJobStatus } from './get-job-status.ts'
import { startJob } from './job-tool.ts'
import type { Tool } from './tool.ts'

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

function runOf({ http, builtin }: ToolSetting): Tool['run'] {
  if (http !== undefined) return (run) => callEndpoint(http, run)
  return builtin === undefined ? startJob : builtins[builtin]
}
