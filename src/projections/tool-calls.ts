/** Calls of tools that are carried out elsewhere, and how each ended. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import {
  ToolCallEnded,
  ToolCallMade,
  type ToolCallOutcome,
  type ToolCallRefusalReason,
  ToolCallRefused,
} from '../domain/tool-call.ts'
import { defineProjection, on } from './projection.ts'
import { insert, type Reader, rowOf, update } from './statement.ts'

export const toolCalls = sqliteTable(
  'tool_calls_v1',
  {
    callId: text('call_id').primaryKey(),
    resource: text('resource').notNull(),
    tool: text('tool').notNull(),
    userId: text('user_id'),
    clientId: text('client_id').notNull(),
    grantId: text('grant_id'),
    /** `made` while there is no answer. */
    outcome: text('outcome').$type<ToolCallOutcome | 'made' | 'refused'>().notNull(),
    /** Of a refusal. */
    reason: text('reason').$type<ToolCallRefusalReason>(),
    madeAt: integer('made_at').notNull(),
    durationMs: integer('duration_ms'),
  },
  (table) => [index('tool_calls_v1_grant').on(table.grantId, table.madeAt, table.callId)],
)

export type ToolCall = typeof toolCalls.$inferSelect

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

export const toolCallsProjection = defineProjection(
  'tool_calls_v1',
  [toolCalls],
  [
    on(ToolCallMade, (call) => [insert(toolCalls, { ...rowOfCall(call), outcome: 'made' })]),
    on(ToolCallRefused, ({ reason, ...call }) => [
      insert(toolCalls, { ...rowOfCall(call), outcome: 'refused', reason }),
    ]),
    on(ToolCallEnded, ({ callId, outcome, durationMs }) => [
      update(toolCalls, { outcome, durationMs }, { callId }),
    ]),
  ],
)

export interface CallsAsked {
  readonly grantId: string
  readonly rowsMax: number
  /** A call that they came before. */
  readonly before?: string | undefined
}

/** Newest first. */
export async function findCallsOfGrant(
  reader: Reader,
  { grantId, rowsMax, before }: CallsAsked,
): Promise<ToolCall[]> {
  const earlier =
    before === undefined
      ? ''
      : `AND ("made_at", "call_id") < (SELECT "made_at", "call_id" FROM "tool_calls_v1"
      WHERE "call_id" = ? AND "grant_id" = ?)`
  const sql = `SELECT * FROM "tool_calls_v1" WHERE "grant_id" = ? ${earlier}
    ORDER BY "made_at" DESC, "call_id" DESC LIMIT ?`
  const from = before === undefined ? [] : [before, grantId]
  const rows = await reader.all({ sql, args: [grantId, ...from, rowsMax] })
  return rows.map((raw) => rowOf(toolCalls, raw))
}
