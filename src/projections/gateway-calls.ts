/** Calls of tools on MCP servers elsewhere, and how each ended. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  GatewayCallEnded,
  GatewayCallMade,
  GatewayCallRefused,
  type GatewayOutcome,
  type GatewayRefusalReason,
} from '../domain/gateway-call.ts'
import { defineProjection, on } from './projection.ts'
import { insert, type Reader, rowOf, update } from './statement.ts'

export const gatewayCalls = sqliteTable(
  'gateway_calls_v1',
  {
    callId: text('call_id').primaryKey(),
    resource: text('resource').notNull(),
    tool: text('tool').notNull(),
    userId: text('user_id'),
    clientId: text('client_id').notNull(),
    grantId: text('grant_id'),
    /** `made` while there is no answer. */
    outcome: text('outcome').$type<GatewayOutcome | 'made' | 'refused'>().notNull(),
    /** Of a refusal. */
    reason: text('reason').$type<GatewayRefusalReason>(),
    madeAt: integer('made_at').notNull(),
    durationMs: integer('duration_ms'),
  },
  (table) => [index('gateway_calls_v1_grant').on(table.grantId, table.madeAt)],
)

export type GatewayCall = typeof gatewayCalls.$inferSelect

interface Asked {
  readonly callId: string
  readonly resource: string
  readonly tool: string
  readonly userId?: string
  readonly clientId: string
  readonly grantId?: string
  readonly at: number
}

function rowOfCall({ userId, grantId, at, callId, resource, tool, clientId }: Asked) {
  const who = { userId: userId ?? null, clientId, grantId: grantId ?? null }
  return { callId, resource, tool, ...who, madeAt: at }
}

export const gatewayCallsProjection = defineProjection(
  'gateway_calls_v1',
  [gatewayCalls],
  [
    on(GatewayCallMade, (call) => [insert(gatewayCalls, { ...rowOfCall(call), outcome: 'made' })]),
    on(GatewayCallRefused, ({ reason, ...call }) => [
      insert(gatewayCalls, { ...rowOfCall(call), outcome: 'refused', reason }),
    ]),
    on(GatewayCallEnded, ({ callId, outcome, durationMs }) => [
      update(gatewayCalls, { outcome, durationMs }, { callId }),
    ]),
  ],
)

/** Newest first. */
export async function findCallsOfGrant(
  reader: Reader,
  { grantId, rowsMax }: { grantId: string; rowsMax: number },
): Promise<GatewayCall[]> {
  const sql = `SELECT * FROM "gateway_calls_v1" WHERE "grant_id" = ?
    ORDER BY "made_at" DESC, "call_id" DESC LIMIT ?`
  const rows = await reader.all({ sql, args: [grantId, rowsMax] })
  return rows.map((raw) => rowOf(gatewayCalls, raw))
}
