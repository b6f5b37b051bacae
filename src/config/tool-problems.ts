/** What is wrong with tools that are right one by one: among each other, and beside the resources. */
import { builtins, jobAnswerSchema } from './builtin-tools.ts'
import { schemaProblems } from './json-schema.ts'
import type { Resource } from './resource-settings.ts'
import type { ToolSetting } from './tool-settings.ts'

interface Surroundings {
  readonly tools: readonly ToolSetting[]
  readonly resources: readonly Resource[]
  readonly apiUrl: string
}

export interface ToolProblem {
  /** Its place under `tools`. */
  readonly path: (string | number)[]
  readonly message: string
}

/** Only what an operator declared must fit the resources; what came with a preset is left out. */
export function toolProblems(
  settings: Surroundings,
  { isDeclared }: { isDeclared: boolean },
): ToolProblem[] {
  return settings.tools.flatMap((tool, index) => {
    const isTwice = settings.tools.slice(0, index).some(isSame(tool))
    const own = [
      ...(isTwice ? [{ path: ['name'], message: 'is there twice for its resource' }] : []),
      ...kindProblems(tool),
      ...(isDeclared ? placeProblems(tool, settings) : []),
      ...schemasOf(tool).flatMap(([field, schema]) =>
        schemaProblems(schema).map(({ place, message }) => ({
          path: [field],
          message: place === '' ? message : `at ${place}: ${message}`,
        })),
      ),
    ]
    return own.map(({ path, message }) => ({
      path: [index, ...path],
      message: `${message} (${tool.name})`,
    }))
  })
}

/**
 * Puts variables of the environment in the place of `${NAME}` in headers.
 * @returns a problem for each variable that is not there
 */
export function fillInHeaders(
  tools: readonly ToolSetting[],
  env: Readonly<Record<string, string | undefined>>,
): ToolProblem[] {
  const problems: ToolProblem[] = []
  for (const [index, { name: tool, http }] of tools.entries()) {
    for (const [header, value] of Object.entries(http?.headers ?? {})) {
      const filled = value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => {
        const found = env[name]
        if (found !== undefined && /^[\x20-\x7e]+$/.test(found)) return found
        const message = `needs ${name} in the environment, on one line (${tool})`
        problems.push({ path: [index, 'http', 'headers', header], message })
        return whole
      })
      if (http) http.headers[header] = filled
    }
  }
  return problems
}

function isSame({ name, resource }: ToolSetting) {
  return (other: ToolSetting) => other.name === name && other.resource === resource
}

type Problem = { path: string[]; message: string }

function kindProblems(tool: ToolSetting): Problem[] {
  const { job, http, builtin, outputSchema, approval } = tool
  const kinds = [job, http !== undefined, builtin !== undefined].filter(Boolean).length
  const taken = ['host', 'connection', 'content-length', 'content-type', 'transfer-encoding']
  const isOwn =
    outputSchema === jobAnswerSchema || (builtin && outputSchema === builtins[builtin].outputSchema)
  return [
    ...(kinds === 1 ? [] : [{ path: [], message: 'must say one of job, http and builtin' }]),
    ...(http || outputSchema === undefined || isOwn
      ? []
      : [{ path: ['outputSchema'], message: 'is the server’s own unless the tool says http' }]),
    ...(approval && builtin !== undefined
      ? [{ path: ['approval'], message: 'is for tools that do something: job or http' }]
      : []),
    ...Object.keys(http?.headers ?? {})
      .filter((name) => taken.includes(name.toLowerCase()))
      .map((name) => ({ path: ['http', 'headers', name], message: 'is set by the server' })),
  ]
}

function placeProblems(tool: ToolSetting, { resources, apiUrl }: Surroundings): Problem[] {
  const here = `${apiUrl}/api/mcp`
  const problem = (field: string, message: string) => [{ path: [field], message }]
  if (tool.resource !== here && !tool.resource.startsWith(`${here}/`)) {
    return problem('resource', `must be ${here}, or one below that`)
  }
  const resource = resources.find((each) => each.resource === tool.resource)
  if (!resource) return problem('resource', 'is none of the resources')
  if (Object.hasOwn(resource.scopes, tool.scope)) return []
  return problem('scope', `"${tool.scope}" is none of its resource's scopes`)
}

function schemasOf({ inputSchema, outputSchema }: ToolSetting) {
  return [
    ['inputSchema', inputSchema] as const,
    ...(outputSchema === undefined ? [] : [['outputSchema', outputSchema] as const]),
  ]
}
