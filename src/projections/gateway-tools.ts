/** The tools of MCP servers elsewhere: what each says of itself, and what was approved of it. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { GatewayToolApproved, GatewayToolChanged, GatewayToolSeen } from '../domain/gateway-tool.ts'
import { defineProjection, on } from './projection.ts'
import { findAll, findOne, insert, type Reader, rowOf, update } from './statement.ts'

export const gatewayTools = sqliteTable(
  'gateway_tools_v1',
  {
    toolId: text('tool_id').primaryKey(),
    resource: text('resource').notNull(),
    tool: text('tool').notNull(),
    seenHash: text('seen_hash').notNull(),
    seenDefinition: text('seen_definition').notNull(),
    /** When it was first seen as it is now. */
    seenAt: integer('seen_at').notNull(),
    approvedHash: text('approved_hash'),
    approvedDefinition: text('approved_definition'),
    approvedAt: integer('approved_at'),
  },
  (table) => [index('gateway_tools_v1_resource').on(table.resource, table.tool)],
)

export type GatewayTool = typeof gatewayTools.$inferSelect

export const gatewayToolsProjection = defineProjection(
  'gateway_tools_v1',
  [gatewayTools],
  [
    on(GatewayToolSeen, ({ toolId, resource, tool, definition, definitionHash, trusted, at }) => [
      insert(gatewayTools, {
        toolId,
        resource,
        tool,
        seenHash: definitionHash,
        seenDefinition: definition,
        seenAt: at,
        approvedHash: trusted ? definitionHash : null,
        approvedDefinition: trusted ? definition : null,
        approvedAt: trusted ? at : null,
      }),
    ]),
    on(GatewayToolChanged, ({ toolId, definition, definitionHash, at }) => {
      const seen = { seenHash: definitionHash, seenDefinition: definition, seenAt: at }
      return [update(gatewayTools, seen, { toolId })]
    }),
    // What is approved is always what was seen last.
    on(GatewayToolApproved, ({ toolId, definitionHash, at }) => [
      {
        sql: `UPDATE "gateway_tools_v1" SET "approved_hash" = ?, "approved_definition" = "seen_definition",
          "approved_at" = ? WHERE "tool_id" = ?`,
        args: [definitionHash, at, toolId],
      },
    ]),
  ],
)

export function findGatewayToolById(
  reader: Reader,
  toolId: string,
): Promise<GatewayTool | undefined> {
  return findOne(reader, gatewayTools, { toolId })
}

export function findGatewayToolsOf(reader: Reader, resource: string): Promise<GatewayTool[]> {
  return findAll(reader, gatewayTools, { resource })
}

/** How many are not as they were approved. */
export async function countWaitingTools(reader: Reader): Promise<number> {
  const sql = `SELECT count(*) AS "n" FROM "gateway_tools_v1"
    WHERE "approved_hash" IS NOT "seen_hash"`
  return Number((await reader.get({ sql, args: [] }))?.n ?? 0)
}

/** All that was ever seen, by resource and name. */
export async function listGatewayTools(reader: Reader, rowsMax: number): Promise<GatewayTool[]> {
  const sql = `SELECT * FROM "gateway_tools_v1" ORDER BY "resource", "tool" LIMIT ?`
  return (await reader.all({ sql, args: [rowsMax] })).map((raw) => rowOf(gatewayTools, raw))
}

export function isApproved({ seenHash, approvedHash }: GatewayTool): boolean {
  return seenHash === approvedHash
}
