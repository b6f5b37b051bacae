/**
 * The last calls of tools that are carried out elsewhere, and how each ended, as people see them
 * beside an app. The log has all of them; here is what somebody looks at: so many of each consent,
 * and of so many days. What goes, goes with the event of a later call, so a rebuild ends with the
 * same rows. A call that rests on no consent is nobody's to look at, and in the log alone.
 */
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
    grantId: text('grant_id').notNull(),
    /** `made` while there is no answer. */
    outcome: text('outcome').$type<ToolCallOutcome | 'made' | 'refused'>().notNull(),
    /** Of a refusal. */
    reason: text('reason').$type<ToolCallRefusalReason>(),
    madeAt: integer('made_at').notNull(),
    durationMs: integer('duration_ms'),
  },
  (table) => [
    index('tool_calls_v1_grant').on(table.grantId, table.madeAt, table.callId),
    index('tool_calls_v1_made').on(table.madeAt, table.callId),
  ],
)

export const callsOfGrantMax = 200
export const callDaysMax = 90
/** How many go with one call: nobody waits for a pile of them. */
const leavingMax = 20

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

type Outcome = Pick<ToolCall, 'outcome'> & Partial<Pick<ToolCall, 'reason'>>

function keep({ userId, grantId, at: madeAt, ...call }: Asked, outcome: Outcome) {
  const { callId, resource, tool, clientId } = call
  const old = madeAt - callDaysMax * 24 * 60 * 60 * 1000
  const leaving = (which: string, args: (string | number)[]) => ({
    sql: `DELETE FROM "tool_calls_v1" WHERE "call_id" IN
      (SELECT "call_id" FROM "tool_calls_v1" WHERE ${which})`,
    args,
  })
  const tooOld = leaving(`"made_at" < ? ORDER BY "made_at", "call_id" LIMIT ${leavingMax}`, [old])
  if (grantId === undefined) return [tooOld]
  const row = { callId, resource, tool, userId: userId ?? null, clientId, grantId, madeAt }
  const newest = `ORDER BY "made_at" DESC, "call_id" DESC`
  return [
    insert(toolCalls, { ...row, ...outcome }),
    leaving(`"grant_id" = ? ${newest} LIMIT ${leavingMax} OFFSET ${callsOfGrantMax}`, [grantId]),
    tooOld,
  ]
}

export const toolCallsProjection = defineProjection(
  'tool_calls_v1',
  [toolCalls],
  [
    on(ToolCallMade, (call) => keep(call, { outcome: 'made' })),
    on(ToolCallRefused, ({ reason, ...call }) => keep(call, { outcome: 'refused', reason })),
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
