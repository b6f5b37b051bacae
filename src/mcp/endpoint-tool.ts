/**
 * A tool that an endpoint of the operator's carries out. The endpoint gets the arguments as JSON,
 * and in headers for whom it is asked; the client's token goes nowhere.
 *
 * @see [MCP 2026-07-28 - Security Best Practices, Token Passthrough](https://modelcontextprotocol.io/specification/2026-07-28/basic/security_best_practices)
 */

import { schemaCheck } from '../config/schema-check.ts'
import type { ToolEndpoint } from '../config/tool-settings.ts'
import { identityHeadersOf } from '../protocol/forward-auth.ts'
import { subjectForResource } from '../protocol/tokens/subject.ts'
import type { JsonObject } from './standard-schema.ts'
import type { ToolAnswer, ToolRun } from './tool.ts'

const answerBytesMax = 256 * 1024
const wordsCharsMax = 1000

const callsAtOnceMax = 100
const underWay = new WeakMap<ToolEndpoint, number>()

export async function callEndpoint(endpoint: ToolEndpoint, run: ToolRun): Promise<ToolAnswer> {
  const others = underWay.get(endpoint) ?? 0
  if (others >= callsAtOnceMax) return unavailable(run, `${others} calls are under way`)
  underWay.set(endpoint, others + 1)
  try {
    return await ask(endpoint, run)
  } finally {
    underWay.set(endpoint, (underWay.get(endpoint) ?? 1) - 1)
  }
}

async function ask(endpoint: ToolEndpoint, run: ToolRun): Promise<ToolAnswer> {
  const { services, token, given, correlationId } = run
  const outcome = await services.outbound.request({
    url: endpoint.url,
    method: endpoint.method,
    headers: {
      ...endpoint.headers,
      ...identityHeadersOf(token, await subjectForResource(services, token)),
      'X-Request-Id': correlationId,
      'Content-Type': 'application/json',
      Accept: 'application/json',
    },
    body: JSON.stringify(given),
    bytesMax: answerBytesMax,
    ofOperator: true,
    timeoutMs: endpoint.timeoutSeconds * 1000,
  })
  if (outcome.outcome === 'failed') {
    return unavailable(run, `${outcome.reason}: ${outcome.cause}`)
  }
  const { status, body } = outcome
  const answer = objectIn(body)
  if (status >= 400 && status < 500) return { outcome: 'refused', text: refusalIn(answer, status) }
  if (status < 200 || status >= 300) return unavailable(run, `status ${status}`)
  if (answer === undefined) return unavailable(run, 'the answer is no JSON object')
  const { outputSchema } = run.tool
  const problem = outputSchema && schemaCheck(outputSchema)(answer)
  if (problem !== undefined) return unavailable(run, `the answer is not as declared: ${problem}`)
  return { outcome: 'done', output: answer, text: JSON.stringify(answer) }
}

/** Nobody but the operator can do anything about it, and finds it in the log. */
function unavailable(
  { services, tool, correlationId: requestId }: ToolRun,
  cause: string,
): ToolAnswer {
  services.logger.warn({ requestId, tool: tool.name, cause }, 'tool endpoint failed')
  const text = `The service behind ${tool.name} does not answer as it should; try again later`
  return { outcome: 'refused', text }
}

/** The endpoint's own words, where it has any. */
function refusalIn(answer: JsonObject | undefined, status: number): string {
  const words = answer?.message ?? answer?.error_description ?? answer?.error
  if (typeof words === 'string' && words !== '') return words.slice(0, wordsCharsMax)
  return `The service behind the tool refused the call (${status})`
}

function objectIn(body: string): JsonObject | undefined {
  try {
    const value = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
