/**
 * A call of a tool in the log, whoever carries it out: an MCP server elsewhere, or an endpoint of
 * the operator's. It is written before the call is sent, in an append that is guarded by all
 * that its token rests on: a grant that ends at that moment sends nothing. What came of it follows
 * in a second append. Where the settings say so, both come in one afterwards for tools that read.
 *
 * @see [MCP 2026-07-28 - Tools, Security Considerations](https://modelcontextprotocol.io/specification/2026-07-28/server/tools)
 */
import type { Cause } from '../domain/event-log.ts'
import { execute, type Work } from '../domain/execute.ts'
import { newId } from '../domain/ids.ts'
import {
  type MadeCall,
  type ToolCallOutcome,
  type ToolCallRefusalReason,
  toolCallDecider,
} from '../domain/tool-call.ts'
import type { LiveToken } from '../projections/live-tokens.ts'
import type { Services } from './services.ts'
import { isStillGood } from './tokens/still-good.ts'

/** Who calls what, before anything is decided. */
export interface CallFacts {
  /** The resource that offers the tool, by its identifier. */
  readonly resource: string
  readonly token: LiveToken
  readonly correlationId: string
  readonly tool: string
  /** Canonical JSON. */
  readonly given: string
}

function askedOf({ keyring, now }: Services, facts: CallFacts) {
  const { resource, token, tool, given } = facts
  const { tokenHash, sub, userId, agent, clientId, grantId, issuanceId } = token
  return {
    callId: newId('call'),
    resource,
    tool,
    sub,
    ...(userId === undefined ? {} : { userId }),
    ...(agent?.ownerId === undefined ? {} : { ownerId: agent.ownerId }),
    clientId,
    ...(grantId === undefined ? {} : { grantId }),
    ...(issuanceId === undefined ? {} : { issuanceId }),
    accessTokenHash: tokenHash,
    argumentsHash: keyring.mac('tool-arguments', [resource, tool, given]),
    at: now(),
  }
}

function causeOf({ token, correlationId }: CallFacts): Cause {
  return { actor: `client:${token.clientId}`, correlationId }
}

/** All of one request. */
export async function recordRefused(
  services: Services,
  [first, ...others]: readonly CallFacts[],
  reason: ToolCallRefusalReason,
): Promise<void> {
  if (first === undefined) return
  const calls = [first, ...others].map((facts) => ({ ...askedOf(services, facts), reason }))
  await execute<string>(services.log, causeOf(first), async (work) => {
    for (const call of calls) {
      const verdict = await work.decide(toolCallDecider, call.callId, { kind: 'refuse', call })
      if (verdict.outcome === 'refused') return verdict
    }
    return { outcome: 'accepted' }
  })
}

export interface MadeTerms {
  readonly definitionHash: string
  readonly keepArguments: boolean
  /** Whether it is written before it is sent. */
  readonly before: boolean
}

/** One call from its sending to its end. */
export class CallRecord {
  readonly #services: Services
  readonly #facts: CallFacts
  readonly #call: MadeCall
  readonly #startedMs = performance.now()
  #isWritten = false
  #isEnded = false

  private constructor(services: Services, facts: CallFacts, call: MadeCall) {
    this.#services = services
    this.#facts = facts
    this.#call = call
  }

  /** Undefined when what its token rests on has ended meanwhile. */
  static async make(
    services: Services,
    facts: CallFacts,
    { definitionHash, keepArguments, before }: MadeTerms,
  ): Promise<CallRecord | undefined> {
    const kept = keepArguments ? { arguments: facts.given } : {}
    const call = { ...askedOf(services, facts), definitionHash, ...kept }
    const record = new CallRecord(services, facts, call)
    if (!before) return record
    const made = await execute<string>(services.log, causeOf(facts), async (work) => {
      if (!(await isStillGood(work, facts.token))) return work.reject('token_ended')
      return record.#make(work)
    })
    record.#isWritten = made.outcome === 'accepted'
    return record.#isWritten ? record : undefined
  }

  /** Once; whoever waits for the answer gets it even when this cannot be written. */
  async end(outcome: ToolCallOutcome): Promise<void> {
    if (this.#isEnded) return
    this.#isEnded = true
    const { log, logger, now } = this.#services
    const durationMs = Math.max(0, Math.round(performance.now() - this.#startedMs))
    const { callId } = this.#call
    try {
      await execute<string>(log, causeOf(this.#facts), async (work) => {
        if (!this.#isWritten) await this.#make(work)
        const ending = { kind: 'end', outcome, durationMs, now: now() } as const
        return work.decide(toolCallDecider, callId, ending)
      })
    } catch (error) {
      logger.error({ callId, outcome, cause: String(error) }, 'the end of a call was not recorded')
    }
  }

  #make(work: Work) {
    return work.decide(toolCallDecider, this.#call.callId, { kind: 'make', call: this.#call })
  }
}
