/**
 * What a server elsewhere says of its tools, held against what was approved of them. The whole
 * definition counts, whatever stands in it: people and models read all of it.
 *
 * @see [MCP 2025-11-25 - Tools, Security Considerations](https://modelcontextprotocol.io/specification/2025-11-25/server/tools)
 */
import type { GatewayUpstream } from '../config/gateway-settings.ts'
import type { Resource } from '../config/resource-settings.ts'
import { execute, type Verdict } from '../domain/execute.ts'
import {
  definitionCharactersMax,
  gatewayToolDecider,
  gatewayToolId,
} from '../domain/gateway-tool.ts'
import { sha256 } from '../domain/keyring.ts'
import { findGatewayToolsOf, type GatewayTool } from '../projections/gateway-tools.ts'
import type { Services } from '../protocol/services.ts'
import { canonicalJson, isMembers } from './message.ts'

const toolsMax = 1000
/** As the specification has it, and `/` and `:`, which are in use. */
const namePattern = /^[A-Za-z0-9_.:/-]{1,128}$/

export type Definition = Readonly<Record<string, unknown>>

/** A tool as the server elsewhere lists it now. */
export interface LiveTool {
  readonly name: string
  readonly definition: Definition
  readonly text: string
  readonly hash: string
  readonly listedAt: number
}

export type Standing = 'trusted' | 'changed' | 'waiting'

export function isToolName(name: unknown): name is string {
  return typeof name === 'string' && namePattern.test(name)
}

export class ToolDefinitions {
  readonly #services: Services
  readonly #resource: string
  readonly #upstream: GatewayUpstream
  #live = new Map<string, LiveTool>()

  constructor(services: Services, resource: Resource, upstream: GatewayUpstream) {
    this.#services = services
    this.#resource = resource.resource
    this.#upstream = upstream
  }

  /** As it was listed last, unless that is too long ago. */
  fresh(name: string): LiveTool | undefined {
    const tool = this.#live.get(name)
    const oldest = this.#services.now() - this.#upstream.definitionsSeconds * 1000
    return tool && tool.listedAt >= oldest ? tool : undefined
  }

  /** The server says that its tools are others now. */
  forget(): void {
    this.#live.clear()
  }

  /** Writes down what is new; of those that can be used at all, some may be relied on. */
  async note(
    listed: readonly unknown[],
    correlationId: string,
  ): Promise<{ usable: readonly LiveTool[]; trusted: readonly LiveTool[] }> {
    const tools = this.#read(listed)
    for (const tool of tools) this.#live.set(tool.name, tool)
    const known = await this.#known()
    const news = tools.filter((tool) => known.get(tool.name)?.seenHash !== tool.hash)
    if (news.length > 0) await this.#record(news, correlationId)
    const now = news.length > 0 ? await this.#known() : known
    const isTrusted = (tool: LiveTool) => standingOf(now.get(tool.name), tool) === 'trusted'
    return { usable: tools, trusted: tools.filter(isTrusted) }
  }

  async standing(tool: LiveTool): Promise<Standing> {
    return standingOf((await this.#known()).get(tool.name), tool)
  }

  async #known(): Promise<Map<string, GatewayTool>> {
    const rows = await findGatewayToolsOf(this.#services.reader, this.#resource)
    return new Map(rows.map((row) => [row.tool, row]))
  }

  /** One of two definitions with the same name would pass for the other, so neither counts. */
  #read(listed: readonly unknown[]): LiveTool[] {
    const listedAt = this.#services.now()
    const tools = listed.slice(0, toolsMax).flatMap((definition): LiveTool[] => {
      if (!isMembers(definition) || !isToolName(definition.name)) return []
      const text = canonicalJson(definition)
      if (text.length > definitionCharactersMax) return []
      return [{ name: definition.name, definition, text, hash: sha256(text), listedAt }]
    })
    const counts = Map.groupBy(tools, ({ name }) => name)
    const single = tools.filter(({ name }) => counts.get(name)?.length === 1)
    if (single.length < listed.length) {
      const count = listed.length - single.length
      this.#services.logger.warn({ resource: this.#resource, count }, 'tools left out as unusable')
    }
    return single
  }

  async #record(tools: readonly LiveTool[], correlationId: string): Promise<void> {
    const { log, now } = this.#services
    const cause = { actor: 'system:gateway', correlationId }
    await execute<string>(log, cause, async (work) => {
      let verdict: Verdict<string> = { outcome: 'accepted' }
      for (const { name: tool, text, hash } of tools) {
        const toolId = gatewayToolId(this.#resource, tool)
        const seen = {
          toolId,
          resource: this.#resource,
          tool,
          definition: text,
          definitionHash: hash,
          trusted: this.#upstream.trust === 'first_use',
          at: now(),
        }
        verdict = await work.decide(gatewayToolDecider, toolId, { kind: 'see', seen })
      }
      return verdict
    })
  }
}

function standingOf(known: GatewayTool | undefined, { hash }: LiveTool): Standing {
  if (known?.approvedHash === hash) return 'trusted'
  return known?.approvedHash ? 'changed' : 'waiting'
}

export function isReadOnly({ definition: { annotations } }: LiveTool): boolean {
  return isMembers(annotations) && annotations.readOnlyHint === true
}
