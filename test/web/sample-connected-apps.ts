/** The pages of connected apps, in the states that differ to the eye. */
import { type ConnectedAppPageData, connectedAppPage } from '../../src/web/connected-app.tsx'
import {
  type ConnectedAppsPageData,
  connectedAppsPage,
  revokeAllPage,
  type ShownConnection,
} from '../../src/web/connected-apps.tsx'
import { english } from '../../src/web/words/english.tsx'
import { german } from '../../src/web/words/german.tsx'
import { listedApproval } from './sample-approvals.ts'
import { visitor } from './sample-visitor.ts'

const shell = { brand: 'Example', words: english, visitor }
const connectedAt = Date.UTC(2026, 10, 21, 14, 3, 9)
const day = 86_400_000

const claude: ShownConnection = {
  grantId: 'grt_0192f0c1d2e37a4b',
  clientId: 'dcr_claude',
  clientName: 'Claude Code',
  resourceName: 'Example MCP',
  abilities: ['Read your things', 'Change your things'],
  connectedAt,
  lastUsedAt: connectedAt + day,
  state: 'active',
  isUnused: false,
}

export const connections: readonly ShownConnection[] = [
  claude,
  {
    ...claude,
    grantId: 'grt_2',
    abilities: ['See jobs', 'Start jobs', 'Read files', 'Know that it is you'],
  },
  {
    ...claude,
    grantId: 'grt_3',
    clientId: 'dcr_cursor',
    clientName: 'Cursor',
    lastUsedAt: undefined,
    state: 'waiting',
    isUnused: true,
  },
]

const list: ConnectedAppsPageData = {
  ...shell,
  connections,
  search: '',
  page: 1,
  pages: 1,
  all: 3,
}

const one: ConnectedAppPageData = {
  ...shell,
  connection: claude,
  narrowedAt: connectedAt + day,
  expiresAt: connectedAt + 30 * day,
  resources: [
    {
      name: 'Example MCP',
      identifier: 'https://api.example.com/mcp',
      abilities: [
        { scope: 'mcp:read', description: 'Read your things', value: 'mcp:read x' },
        { scope: 'mcp:write', description: 'Change your things', value: 'mcp:write x' },
      ],
    },
    {
      name: 'Example files',
      identifier: 'https://files.example.com',
      abilities: [{ scope: 'files:read', description: 'Read your files', value: 'files:read y' }],
    },
  ],
  ofClient: { count: 2, isMore: false },
  csrf: 'csrf-token',
  approvals: [listedApproval, { ...listedApproval, href: '/approvals/apr_9', state: 'given' }],
  now: connectedAt,
  calls: [
    ...(['ok', 'tool_error', 'upstream_error', 'interrupted'] as const).map((outcome, index) => ({
      callId: `call_${index}`,
      tool: 'read_file',
      at: 'Files',
      outcome,
      madeAt: connectedAt + index * day,
      durationMs: 12,
    })),
    {
      callId: 'call_8',
      tool: 'delete_file',
      at: 'Files',
      outcome: 'refused',
      reason: 'scope_missing',
      madeAt: connectedAt,
    },
    { callId: 'call_9', tool: 'write_file', at: 'Files', outcome: 'made', madeAt: connectedAt },
  ],
  timeline: [
    { kind: 'refused', eventId: 'evt_4', at: connectedAt + day, reason: 'key_mismatch' },
    { kind: 'narrowed', eventId: 'evt_3', at: connectedAt + day },
    { kind: 'connected', eventId: 'evt_2', at: connectedAt + 1000 },
    { kind: 'approved', eventId: 'evt_1', at: connectedAt },
  ],
}

/** A page that is as full as one gets, with everything as long as somebody can make it. */
function fullOf(hostile: string): ConnectedAppsPageData {
  const rows = Array.from({ length: 20 }, (_, index) => ({
    ...claude,
    grantId: `grt_0192f0c1d2e37a4b${index}`,
    clientId: `dcr_${index}`,
    clientName: hostile,
    resourceName: hostile,
    abilities: [`1 ${hostile}`, `2 ${hostile}`, `3 ${hostile}`, hostile],
    state: 'disabled' as const,
    isUnused: true,
  }))
  return {
    ...list,
    connections: rows,
    search: hostile.slice(0, 200),
    page: 7,
    pages: 50,
    all: 5000,
    isMore: true,
  }
}

export function sampleConnectedAppPages(hostile: string): Record<string, string> {
  const ended = { ...claude, state: 'ended' as const, lastUsedAt: undefined }
  return {
    'connected-apps': connectedAppsPage(list),
    'connected-apps-empty': connectedAppsPage({ ...list, connections: [], all: 0 }),
    'connected-apps-not-found': connectedAppsPage({ ...list, connections: [], search: 'nothing' }),
    'connected-apps-revoked-german': connectedAppsPage({ ...list, words: german, done: 'revoked' }),
    'connected-apps-full-hostile': connectedAppsPage(fullOf(hostile)),
    'connected-apps-revoke-all': revokeAllPage({
      ...shell,
      count: { count: 5000, isMore: true },
      csrf: 'csrf-token',
    }),
    'connected-app': connectedAppPage({ ...one, before: 12, callsBefore: 'call_9' }),
    'connected-app-german': connectedAppPage({ ...one, words: german }),
    'connected-app-narrowed': connectedAppPage({ ...one, done: 'narrowed' }),
    'connected-app-problem': connectedAppPage({ ...one, problem: 'nothing_left' }),
    'connected-app-unused': connectedAppPage({ ...one, connection: { ...claude, isUnused: true } }),
    'connected-app-ended': connectedAppPage({
      ...one,
      connection: ended,
      expiresAt: undefined,
      resources: [],
      ofClient: { count: 0, isMore: false },
      calls: [],
      timeline: [
        { kind: 'ended', eventId: 'evt_9', at: connectedAt + 2 * day, reason: 'refresh_replayed' },
        ...one.timeline,
      ],
    }),
    'connected-app-hostile': connectedAppPage({
      ...one,
      connection: { ...claude, clientName: hostile, clientId: hostile, resourceName: hostile },
      resources: [
        {
          name: hostile,
          identifier: hostile,
          abilities: [{ scope: hostile, description: hostile, value: '"><script>' }],
        },
      ],
      csrf: hostile.slice(0, 200),
      calls: [{ callId: 'call_1', tool: hostile, at: hostile, outcome: 'ok', madeAt: connectedAt }],
      timeline: [{ kind: 'refused', eventId: 'evt_1', at: connectedAt, reason: 'toString' }],
    }),
  }
}
