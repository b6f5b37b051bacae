/**
 * Rows of all that pages list beside grants, put into the tables past the log: a tenth as many apps
 * and agents, a fifth as many sessions and API tokens, half as many tokens that clients got for
 * themselves; and one person with a fiftieth as much of everything as there are grants.
 */
import { countedId, fillTables, type Rows } from '../../support/filled-tables.ts'

const dayMs = 24 * 60 * 60 * 1000
const json = { amr: `'[]'`, scopes: `'["read"]'`, resource: `'resource'` }

export interface Filled {
  readonly directory: string
  readonly grants: number
  /** Who has much. */
  readonly userId: string
}

export function fillOthers({ directory, grants, userId }: Filled): void {
  const [now, later] = [Date.now(), Date.now() + 200 * dayMs]
  const many = grants / 50
  const their = { user_id: `'${userId}'`, client_id: `'cli_' || printf('%06d', n)` }
  const person = `'usr_' || printf('%032d', n % ${grants / 10})`
  fillTables({ dataDir: directory }, others({ grants, person, now, later }))
  const session = { ...json, started_at: '1', authenticated_at: '1', expires_at: `${later}` }
  const past = { ...their, resource: `'resource'`, tool: `'book'`, ended_at: '1' }
  fillTables(
    { dataDir: directory },
    {
      grants_v1: [
        many,
        {
          ...{ ...their, grant_id: countedId('grt_y'), access: `'[]'`, code_hash: `'code ' || n` },
          ...{ amr: `'[]'`, approved_at: 'n', consented_at: '1', code_expires_at: `${later}` },
        },
      ],
      sessions_v1: [
        many,
        {
          ...{ ...without(session, 'scopes', 'resource'), user_id: their.user_id },
          ...{ session_id: countedId('ses_y'), token_hash: `'of the person ' || n` },
        },
      ],
      expiring: [
        many,
        {
          ...{ kind: `'session-use'`, id: countedId('ses_y'), expires_at: `${later}` },
          body: `'{"at":' || n || '}'`,
        },
      ],
      approvals_v1: [
        many,
        {
          ...{ ...past, approval_id: countedId('apr'), kind: `'payment'`, status: `'denied'` },
          ...{ asked_at: 'n', expires_at: '1' },
        },
      ],
      jobs_v1: [
        many,
        {
          ...{ ...past, job_id: countedId('job'), status: `'done'`, queued_at: 'n' },
          ...{ changed_at: '1', expires_at: '1' },
        },
      ],
      events: [many, approvalsBy(userId)],
    },
  )
}

interface Size {
  readonly grants: number
  readonly person: string
  readonly now: number
  readonly later: number
}

function others({ grants, person, now, later }: Size): Rows {
  const mixed = `CASE n % 2 WHEN 0 THEN 1 ELSE ${later} END`
  const metadata = `'{"clientName":"App number ' || n || '","redirectUris":[]}'`
  const registered = { registered_at: `${now} - n`, approved_at: `${now} - (n % 300) * ${dayMs}` }
  return {
    clients_v1: [
      grants / 10,
      {
        ...{ ...registered, client_id: countedId('cli'), status: `'active'`, shared: '0' },
        ...{ registered_via: `'dynamic'`, metadata, contacts: `'[]'` },
      },
    ],
    api_tokens_v1: [
      grants / 5,
      {
        ...{ api_token_id: countedId('tok'), user_id: person, place: '1', name: `'Token ' || n` },
        ...{ ...without(json, 'amr'), token_hash: `'api ' || n`, generation: '1' },
        ...{ prefix: `'glt'`, last_four: `'abcd'`, key_version: '1', created_at: '1' },
        expires_at: mixed,
      },
    ],
    issued_tokens_v1: [
      grants / 2,
      {
        ...{ issuance_id: countedId('iss'), token_hash: `'issued ' || n`, sub: `'sub'` },
        ...{ ...without(json, 'amr'), client_id: countedId('cli'), actors: `'[]'` },
        ...{ client_ids: `'[]'`, issued_at: '1', expires_at: `${later} + n` },
      },
    ],
    sessions_v1: [
      grants / 5,
      {
        ...{ session_id: countedId('ses'), token_hash: `'session ' || n`, user_id: person },
        ...{ amr: `'[]'`, started_at: '1', authenticated_at: '1', expires_at: mixed },
      },
    ],
    expiring: [
      grants / 5,
      {
        ...{ kind: `'session-use'`, id: countedId('ses'), body: `'{"at":1}'` },
        expires_at: `${later}`,
      },
    ],
    agents_v1: [
      grants / 10,
      {
        ...{ agent_id: countedId('agt'), handle: `'agent ' || n`, handle_key: `'agent ' || n` },
        ...{ model_name: `'model'`, owner_email_key: `'key ' || n`, owner_id: person },
        ...{ secret_id: `'secret'`, status: `'confirmed'`, consents: `'[]'` },
        ...{ permissions: `'[]'`, registered_at: '1', updated_at: '1' },
      },
    ],
  }
}

/** After all others, and like the first of theirs. */
function approvalsBy(userId: string): Record<string, string> {
  const first = (column: string) =>
    `(SELECT ${column} FROM events WHERE type = 'GrantApproved' ORDER BY position LIMIT 1)`
  const ids = `'$.grantId', ${countedId('grt_y')}, '$.userId', '${userId}'`
  const payload = `json_set(CAST(${first('payload')} AS TEXT), ${ids})`
  return {
    position: '(SELECT max(position) FROM events) + n',
    event_id: countedId('evt_y'),
    stream_id: `'grant/' || ${countedId('grt_y')}`,
    ...{ version: '1', type: `'GrantApproved'`, schema_version: first('schema_version') },
    ...{ recorded_at: first('recorded_at'), actor: `'user:${userId}'` },
    ...{ correlation_id: first('correlation_id'), leaf_hash: first('leaf_hash') },
    payload: `CAST(${payload} AS BLOB)`,
  }
}

function without(columns: Readonly<Record<string, string>>, ...names: readonly string[]) {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => !names.includes(name)))
}
