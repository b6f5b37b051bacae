/**
 * Agents as they are now. Revoked ones stay: their names are not given to others, and people are
 * told what became of them.
 */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { AgentConsent } from '../domain/agent.ts'
import {
  AgentConfirmed,
  AgentConsented,
  AgentConsentWithdrawn,
  AgentPermissionsSet,
  AgentProfileChanged,
  AgentRegistered,
  AgentRevoked,
  AgentSecretRotated,
} from '../domain/agent-events.ts'
import { UserDeleted } from '../domain/user-events.ts'
import { defineProjection, on } from './projection.ts'
import {
  findAll,
  findOne,
  insert,
  type Reader,
  rowOf,
  type Statement,
  update,
} from './statement.ts'

export const agents = sqliteTable(
  'agents_v1',
  {
    agentId: text('agent_id').primaryKey(),
    handle: text('handle').notNull(),
    /** The handle without case: two agents whose names read the same would be mistaken. */
    handleKey: text('handle_key').notNull().unique(),
    modelName: text('model_name').notNull(),
    /** Null where the agent's key has been erased. */
    ownerName: text('owner_name'),
    ownerEmail: text('owner_email'),
    ownerEmailKey: text('owner_email_key').notNull(),
    ownerId: text('owner_id'),
    secretId: text('secret_id').notNull(),
    status: text('status', { enum: ['unconfirmed', 'confirmed', 'revoked'] }).notNull(),
    consents: text('consents', { mode: 'json' }).$type<AgentConsent[]>().notNull(),
    permissions: text('permissions', { mode: 'json' }).$type<string[]>().notNull(),
    registeredAt: integer('registered_at').notNull(),
    confirmedAt: integer('confirmed_at'),
    revokedAt: integer('revoked_at'),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    index('agents_v1_owner').on(table.ownerId),
    index('agents_v1_owner_email').on(table.ownerEmailKey),
  ],
)

export type Agent = typeof agents.$inferSelect

export function handleKeyOf(handle: string): string {
  return handle.toLowerCase()
}

/** The consents without the one for this client and resource, as JSON. */
const others = `(SELECT json_group_array(json(j."value")) FROM json_each("consents") j
  WHERE j."value" ->> 'clientId' <> ? OR j."value" ->> 'resource' <> ?)`

interface ConsentKey {
  readonly agentId: string
  readonly clientId: string
  readonly resource: string
}

function dropConsent({ agentId, clientId, resource }: ConsentKey): Statement {
  const sql = `UPDATE "agents_v1" SET "consents" = ${others} WHERE "agent_id" = ?`
  return { sql, args: [clientId, resource, agentId] }
}

/** One that was there already stands since it began. */
function keepConsent(given: ConsentKey & { scopes: string[]; at: number }): Statement {
  const { agentId, clientId, resource, scopes, at } = given
  const sql = `UPDATE "agents_v1" SET "consents" = json_insert(${others}, '$[#]', json_object(
      'clientId', ?, 'resource', ?, 'scopes', json(?),
      'since', coalesce((SELECT j."value" ->> 'since' FROM json_each("consents") j
        WHERE j."value" ->> 'clientId' = ? AND j."value" ->> 'resource' = ?), ?)))
    WHERE "agent_id" = ?`
  const key = [clientId, resource]
  return { sql, args: [...key, ...key, JSON.stringify(scopes), ...key, at, agentId] }
}

export const agentsProjection = defineProjection(
  'agents_v1',
  [agents],
  [
    on(AgentRegistered, ({ at, ...agent }) => [
      insert(agents, {
        ...agent,
        handleKey: handleKeyOf(agent.handle),
        status: 'unconfirmed',
        consents: [],
        permissions: [],
        updatedAt: at,
      }),
    ]),
    on(AgentProfileChanged, ({ agentId, modelName, ownerName, at }) => [
      update(agents, { modelName, ownerName, updatedAt: at }, { agentId }),
    ]),
    on(AgentConfirmed, ({ agentId, ownerId, at }) => [
      update(agents, { ownerId, status: 'confirmed', confirmedAt: at, updatedAt: at }, { agentId }),
    ]),
    on(AgentPermissionsSet, ({ agentId, permissions, at }) => [
      update(agents, { permissions, updatedAt: at }, { agentId }),
    ]),
    on(AgentSecretRotated, ({ agentId, secretId }) => [update(agents, { secretId }, { agentId })]),
    on(AgentConsented, (given) => [keepConsent(given)]),
    on(AgentConsentWithdrawn, (withdrawn) => [dropConsent(withdrawn)]),
    on(AgentRevoked, ({ agentId, at }) => [
      update(agents, { status: 'revoked', revokedAt: at, consents: [] }, { agentId }),
    ]),
    // What their agents said of them goes with their account.
    on(UserDeleted, ({ userId }) => [
      update(agents, { ownerName: null, ownerEmail: null }, { ownerId: userId }),
    ]),
  ],
)

export function findAgent(reader: Reader, agentId: string): Promise<Agent | undefined> {
  return findOne(reader, agents, { agentId })
}

export function findAgentByHandle(reader: Reader, handle: string): Promise<Agent | undefined> {
  return findOne(reader, agents, { handleKey: handleKeyOf(handle) })
}

const rowsMax = 100

/** Those that a person owns and those that name the person's address, the newest first. */
export async function findAgentsFor(
  reader: Reader,
  { ownerId, emailKeys }: { ownerId: string; emailKeys: readonly string[] },
): Promise<Agent[]> {
  const sql = `SELECT * FROM "agents_v1" WHERE "owner_id" = ? OR ("status" = 'unconfirmed'
      AND "owner_email_key" IN (SELECT "value" FROM json_each(?)))
    ORDER BY "status" = 'revoked', "registered_at" DESC, "agent_id" DESC LIMIT ${rowsMax}`
  const rows = await reader.all({ sql, args: [ownerId, JSON.stringify(emailKeys)] })
  return rows.map((row) => rowOf(agents, row))
}

/** Those that a person has confirmed, ended or not, however many. */
export function findAgentsOf(reader: Reader, ownerId: string): Promise<Agent[]> {
  return findAll(reader, agents, { ownerId })
}
