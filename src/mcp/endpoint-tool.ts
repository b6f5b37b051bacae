/**
 * A tool that an endpoint of the operator's carries out. The endpoint gets the arguments as JSON,
 * and in headers for whom it is asked; the client's token goes nowhere. Each call is in the log:
 * before it is sent, unless it only reads and the settings say otherwise.
 *
 * @see [MCP 2026-07-28 - Security Best Practices, Token Passthrough](https://modelcontextprotocol.io/specification/2026-07-28/basic/security_best_practices)
 */

import { schemaCheck } from '../config/schema-check.ts'
import type { ToolEndpoint, ToolSetting } from '../config/tool-settings.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import { sha256 } from '../domain/keyring.ts'
import type { ToolCallOutcome } from '../domain/tool-call.ts'
import { identityHeadersOf } from '../protocol/forward-auth.ts'
import { subjectForResource } from '../protocol/tokens/subject.ts'
import { type CallFacts, CallRecord, recordRefused } from '../protocol/tool-call-record.ts'
import type { JsonObject } from './standard-schema.ts'
import type { ToolAnswer, ToolRun } from './tool.ts'

const answerBytesMax = 256 * 1024
const wordsCharsMax = 1000

const callsAtOnceMax = 100
const underWay = new WeakMap<ToolEndpoint, number>()

export async function callEndpoint(endpoint: ToolEndpoint, run: ToolRun): Promise<ToolAnswer> {
  const others = underWay.get(endpoint) ?? 0
  if (others >= callsAtOnceMax) {
    await recordRefused(run.services, [factsOf(run)], 'too_many_calls')
    return unavailable(run, `${others} calls are under way`)
  }
  underWay.set(endpoint, others + 1)
  try {
    return await askOnRecord(endpoint, run)
  } finally {
    underWay.set(endpoint, (underWay.get(endpoint) ?? 1) - 1)
  }
}

/** What a record says of a call. */
export function factsOf({
  token,
  tool,
  given,
  correlationId,
}: Pick<ToolRun, 'token' | 'tool' | 'given' | 'correlationId'>): CallFacts {
  const { resource } = token
  return { resource, token, correlationId, tool: tool.name, given: canonicalJson(given) }
}

async function askOnRecord(endpoint: ToolEndpoint, run: ToolRun): Promise<ToolAnswer> {
  const { recordArguments, recordReads } = endpoint
  const record = await CallRecord.make(run.services, factsOf(run), {
    definitionHash: definitionHash(run.tool),
    keepArguments: recordArguments === 'sealed',
    before: recordReads === 'before' || !run.tool.annotations.readOnlyHint,
  })
  if (!record) return { outcome: 'refused', text: 'What allowed the call has just been withdrawn' }
  let outcome: ToolCallOutcome = 'upstream_error'
  try {
    const asked = await ask(endpoint, run)
    outcome = asked.outcome
    return asked.answer
  } finally {
    await record.end(outcome)
  }
}

/** What the tool was when it was called. Headers may be secret, and are no part of it. */
function definitionHash({ http, ...tool }: ToolSetting): string {
  const { url, method } = http ?? {}
  return sha256(canonicalJson({ ...tool, http: { url, method } }))
}

interface Asked {
  readonly outcome: ToolCallOutcome
  readonly answer: ToolAnswer
}

async function ask(endpoint: ToolEndpoint, run: ToolRun): Promise<Asked> {
  const { services, token, given, correlationId } = run
  const outcome = await services.outbound.request({
    url: endpoint.url,
    method: endpoint.method,
    headers: {
      ...endpoint.headers,
      ...identityHeadersOf(token, await subjectForResource(services, token)),
      ...(await ownerHeader(run)),
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
    return failed(run, `${outcome.reason}: ${outcome.cause}`)
  }
  const { status, body } = outcome
  const answer = objectIn(body)
  if (status >= 400 && status < 500) {
    const answered = { outcome: 'refused', text: refusalIn(answer, status) } as const
    return { outcome: 'tool_error', answer: answered }
  }
  if (status < 200 || status >= 300) return failed(run, `status ${status}`)
  if (answer === undefined) return failed(run, 'the answer is no JSON object')
  const { outputSchema } = run.tool
  const problem = outputSchema && schemaCheck(outputSchema)(answer)
  if (problem !== undefined) return failed(run, `the answer is not as declared: ${problem}`)
  const text = JSON.stringify(answer)
  return { outcome: 'ok', answer: { outcome: 'done', output: answer, text } }
}

/** An agent is asked for by its own id; its owner stands beside it. */
async function ownerHeader({ services, token }: ToolRun): Promise<Record<string, string>> {
  const { agent, resource } = token
  const sub = agent?.ownerId
  if (sub === undefined) return {}
  return { 'X-Auth-Owner': await subjectForResource(services, { sub, userId: sub, resource }) }
}

function failed(run: ToolRun, cause: string): Asked {
  return { outcome: 'upstream_error', answer: unavailable(run, cause) }
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
