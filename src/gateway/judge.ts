/**
 * Whether a message may go on to the server elsewhere. A scope that is missing is a challenge, so
 * that the person can be asked for it; what nobody may ask is an error of the protocol, so that a
 * client reads why.
 *
 * @see [MCP 2026-07-28 - Authorization, Scope Challenge Handling](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
 */
import type { ToolCallRefusalReason } from '../domain/tool-call.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { requireScopes } from '../protocol/tokens/bearer.ts'
import { challenge } from '../protocol/tokens/challenge.ts'
import { type CallFacts, CallRecord, recordRefused } from '../protocol/tool-call-record.ts'
import { approvalFor } from './approval.ts'
import { canonicalJson, isMembers, type Message, type Request, rpcCodes } from './message.ts'
import { ruleOfMethod, scopeOfTool } from './rules.ts'
import { isReadOnly, isToolName, type LiveTool } from './tool-definitions.ts'
import type { Gate, Visit } from './visit.ts'

export type Judgement =
  /** A call has a record, and the tool as it is listed. */
  | { readonly verdict: 'pass'; readonly record?: CallRecord; readonly tool?: LiveTool }
  | { readonly verdict: 'refused'; readonly code: number; readonly words: string }
  /** In the place of the tool, which was not called. */
  | { readonly verdict: 'answered'; readonly result: Readonly<Record<string, unknown>> }

/** The tool as the server elsewhere lists it now, or why that cannot be known. */
export type FindTool = (name: string) => Promise<LiveTool | 'none' | 'unreachable'>

/** @throws {OAuthError} insufficient_scope (403), invalid_token (401) when it ended just now */
export async function judge(visit: Visit, message: Message, find: FindTool): Promise<Judgement> {
  // An answer belongs to what the server elsewhere has asked, in a session of this client.
  if (!('method' in message)) return { verdict: 'pass' }
  if (message.kind === 'request' && message.method === 'tools/call') {
    return judgeCall(visit, message, find)
  }
  const { method } = message
  const rule = ruleOfMethod(visit.gate.upstream, method)
  if (rule.kind === 'not_offered' || method === 'tools/call') {
    const words = `The method ${method} is not offered here`
    return { verdict: 'refused', code: rpcCodes.methodNotFound, words }
  }
  if (rule.kind === 'scope') requireScope(visit, rule.scope, `The method ${method}`)
  return { verdict: 'pass' }
}

/** What every request needs, and this. */
function requireScope({ gate, token }: Visit, scope: string, asked: string): void {
  const scopes = [...new Set([...baseScopes(gate), scope])]
  requireScopes(gate.services, token, { resources: [gate.resource], scopes, asked })
}

export function baseScopes({ resource, upstream }: Pick<Gate, 'resource' | 'upstream'>): string[] {
  return [...resource.requiredScopes, ...upstream.scopes]
}

async function judgeCall(visit: Visit, { params }: Request, find: FindTool): Promise<Judgement> {
  const name = params?.name
  const given = params?.arguments ?? {}
  if (!isToolName(name) || !isMembers(given)) {
    const words = 'A call needs the name of a tool, and arguments that are an object'
    return { verdict: 'refused', code: rpcCodes.invalidParams, words }
  }
  const facts = factsOf(visit, name, canonicalJson(given))
  const refuse = async (reason: ToolCallRefusalReason, words: string): Promise<Judgement> => {
    await recordRefused(visit.gate.services, [facts], reason)
    return { verdict: 'refused', code: rpcCodes.invalidParams, words }
  }
  const scope = scopeOfTool(visit.gate.upstream, name)
  if (scope === undefined) return refuse('tool_unmapped', `The tool ${name} is not offered here`)
  if (!visit.token.scopes.includes(scope)) {
    await recordRefused(visit.gate.services, [facts], 'scope_missing')
    requireScope(visit, scope, `The tool ${name}`)
  }
  const tool = await find(name)
  if (tool === 'none') return refuse('tool_unknown', `There is no tool ${name}`)
  if (tool === 'unreachable') {
    const words = 'The server behind this gateway does not say which tools it has'
    return { verdict: 'refused', code: rpcCodes.internal, words }
  }
  const standing = await visit.gate.definitions.standing(tool)
  if (standing === 'changed') {
    const words = `The tool ${name} has changed since it was approved; an administrator must look at it first`
    return refuse('tool_changed', words)
  }
  if (standing === 'waiting') {
    const words = `The tool ${name} is new here; an administrator must look at it first`
    return refuse('tool_unapproved', words)
  }
  return passCall(visit, { facts, tool, scope })
}

async function passCall(
  visit: Visit,
  { facts, tool, scope }: { facts: CallFacts; tool: LiveTool; scope: string },
): Promise<Judgement> {
  const { services, upstream } = visit.gate
  const approval = await approvalFor(services, { ...facts, upstream, scope })
  if (approval.outcome === 'waiting') {
    await recordRefused(services, [facts], 'approval_needed')
    return { verdict: 'answered', result: approval.result }
  }
  const record = await CallRecord.make(services, facts, {
    definitionHash: tool.hash,
    keepArguments: upstream.recordArguments === 'sealed',
    before: upstream.recordReads === 'before' || !isReadOnly(tool),
  })
  if (record) return { verdict: 'pass', record, tool }
  throw new OAuthError('invalid_token', 'The access token is not valid here, or has expired', {
    cause: 'what it rests on ended while it was used',
    headers: challenge(services.settings, visit.gate.resource, { error: 'invalid_token' }),
  })
}

function factsOf(visit: Visit, tool: string, given: string): CallFacts {
  const { gate, token, correlationId } = visit
  return { resource: gate.resource.resource, token, correlationId, tool, given }
}
