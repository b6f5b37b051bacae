/** The administrator's pages in their states, for `sample-pages.ts`. */
import type { Client } from '../../src/projections/clients.ts'
import type { Grant, GrantTimes } from '../../src/projections/grants.ts'
import type { User } from '../../src/projections/users.ts'
import { actionPage, secretPage } from '../../src/web/admin-action.tsx'
import { agentsPage } from '../../src/web/admin-agents.tsx'
import { clientPage, grantPage, userPage } from '../../src/web/admin-details.tsx'
import { gatewayPage } from '../../src/web/admin-gateway.tsx'
import {
  clientsPage,
  grantsPage,
  sessionsPage,
  tokensPage,
  usersPage,
} from '../../src/web/admin-lists.tsx'
import { keysPage, overviewPage, settingsPage } from '../../src/web/admin-server.tsx'
import { english } from '../../src/web/words/english.tsx'
import { german } from '../../src/web/words/german.tsx'
import { visitor } from './sample-visitor.ts'

interface Adversary {
  /** Of any length: what people and apps call themselves. */
  readonly text: string
  /** What has a limit before it comes here. */
  readonly short: string
  readonly url: string
}

const rowsMax = 20
const at = Date.UTC(2026, 10, 21, 14, 3, 9)
const plain = { text: 'Claude Code', short: 'Claude', url: 'https://claude.ai/code' }

function many<T>(row: T): T[] {
  return Array.from({ length: rowsMax }, () => row)
}

function clientOf({ text, short, url }: Adversary): Client {
  return {
    clientId: text === plain.text ? 'cli_0192f0c1d2e37a4b8c9d0e1f2a3b4c5d' : short,
    status: 'disabled',
    registeredVia: 'dynamic',
    metadata: {
      clientName: text,
      redirectUris: many(url),
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
      tokenEndpointAuthMethod: 'none',
      applicationType: 'native',
      scope: text,
      clientUri: url,
    },
    contacts: [text],
    secretHash: null,
    previousSecretHash: null,
    previousSecretEndsAt: null,
    managementHash: null,
    shared: false,
    registeredAt: at,
    approvedAt: at,
    consentVoidedAt: null,
  } as Client
}

function userOf({ text }: Adversary): User {
  return {
    userId: 'usr_0192f0c1d2e37a4b8c9d0e1f2a3b4c5d',
    emailKey: null,
    email: text === plain.text ? 'ada@example.com' : text,
    emailVerifiedAt: null,
    name: text === plain.text ? 'Ada Lovelace' : text,
    admin: true,
    status: 'disabled',
    passwordSecretId: null,
    groups: many(text),
    permissions: many(text),
    registeredAt: at,
    updatedAt: at,
  } as User
}

/** All of them, as data of this kind makes them. */
function pagesWith(prefix: string, { words, from }: { words: typeof english; from: Adversary }) {
  const { text, short, url } = from
  const shell = { brand: 'Example', words, visitor }
  const list = { ...shell, search: short, about: { user: short }, next: 'WzFd', isFirst: false }
  const named = { userId: 'usr_1', userName: text, email: text }
  const app = { clientId: short, clientName: text }
  const times = { issuedAt: at, approvedAt: at, startedAt: at, expiresAt: at + 3_600_000 }
  const token = {
    ...named,
    ...app,
    ...times,
    tokenHash: 'A'.repeat(43),
    name: undefined,
    sourceId: 'grt_1',
    resource: url,
    scopes: many(text),
  }
  const apiToken = { ...token, clientId: undefined, name: text, expiresAt: undefined }
  const events = many({
    eventId: 'evt_1',
    type: 'ClientDisabled',
    recordedAt: at,
    actor: text,
    reason: text,
  }).slice(0, 15)
  const client = clientOf(from)
  const grant = {
    grantId: 'grt_1',
    userId: 'usr_1',
    clientId: short,
    access: [{ resource: url, scopes: many(text) }],
    approvedAt: at,
    issuedAt: at,
    expiresAt: at,
  } as Grant & GrantTimes
  const pages: Record<string, string> = {
    clients: clientsPage({ ...list, rows: many(client) }),
    users: usersPage({ ...list, rows: many(userOf(from)) }),
    grants: grantsPage({ ...list, rows: many({ ...named, ...app, ...times, grantId: 'grt_1' }) }),
    tokens: tokensPage({ ...list, rows: many(token) }),
    'api-tokens': tokensPage({ ...list, rows: many(apiToken) }),
    agents: agentsPage({
      ...list,
      rows: many({
        agentId: 'agt_1',
        handle: text,
        handleKey: text,
        modelName: text,
        ownerName: text,
        ownerEmail: text,
        ownerEmailKey: 'key',
        ownerId: 'usr_1',
        secretId: 'pwd_1',
        status: 'unconfirmed',
        consents: [],
        permissions: [],
        registeredAt: at,
        confirmedAt: null,
        revokedAt: null,
        updatedAt: at,
      }),
    }),
    sessions: sessionsPage({
      ...list,
      rows: many({
        ...named,
        ...times,
        sessionId: 'ses_1',
        usedAt: at,
        userAgent: text,
        address: text,
      }),
    }),
    client: clientPage({
      ...shell,
      events,
      client: {
        ...client,
        contacts: [text],
        previousSecretEndsAt: at,
        status: 'hibernating',
      } as never,
    }),
    user: userPage({
      ...shell,
      events,
      user: userOf(from),
      identities: [{ upstream: 'google', label: text }],
      secondFactor: { passkeys: 2, codes: true },
    }),
    grant: grantPage({
      ...shell,
      events,
      grantId: 'grt_1',
      grant,
      person: named,
      clientName: text,
    }),
    gateway: gatewayPage({
      ...shell,
      upstreams: ['/mcp/files', '/mcp/notes'].map((path) => ({
        name: text,
        resource: `https://auth.example.com${path}`,
        url,
        scopes: ['files:read', 'files:write'],
        tools: (['changed', 'waiting', 'trusted'] as const).flatMap((state) =>
          Array.from({ length: 25 }, (_, index) => ({
            toolId: `${state}-${index}`,
            tool: `${state}_tool_${index}`,
            state,
            seenAt: at,
          })),
        ),
      })),
    }),
    'ask-tool': actionPage({
      ...shell,
      section: 'gateway',
      action: 'approve-tool',
      csrf: 'csrf-token',
      hidden: { id: short, seen: short },
      subject: 'read_file',
      fields: ['reason'],
      values: {},
      back: '/admin/gateway',
      changes: [
        { place: 'description', before: text, after: `${text} ${text}` },
        { place: 'inputSchema.properties.path.type', before: '"string"' },
        { place: 'annotations.readOnlyHint', after: 'true' },
        ...Array.from({ length: 60 }, (_, index) => ({ place: `more.${index}`, after: text })),
      ],
    }),
    keys: keysPage({
      ...shell,
      algorithms: ['ES256', 'RS256'].map((algorithm) => ({
        algorithm,
        nextAt: at,
        keys: (['published', 'active', 'retired'] as const).map((status) => ({
          keyId: `${status}-key`,
          algorithm,
          status,
          changedAt: at,
        })),
      })),
    }),
    settings: settingsPage({
      ...shell,
      settings: Array.from({ length: 60 }, (_, index) => ({
        name: `limits.setting_${index}`,
        environment: undefined,
        value: text,
        origin: text,
        description: '',
      })),
    }),
    overview: overviewPage({
      ...shell,
      counts: {
        clients: exactly(1200),
        users: exactly(80),
        grants: atLeast(10_000),
        tokens: atLeast(23_456),
        sessions: exactly(12),
      },
      attention: {
        disabledClients: exactly(1),
        disabledUsers: atLeast(10_000),
        clientsAsleepSoon: exactly(3),
        toolsWaiting: 2,
        loneAdmin: true,
        keys: [{ algorithm: 'ES256', at }],
      },
      server: { version: '0.0.0', issuer: url, database: text, events: 4711 },
    }),
    'ask-reason': actionPage({
      ...shell,
      section: 'clients',
      action: 'disable-client',
      csrf: 'csrf-token',
      hidden: { id: short, seen: short },
      subject: text,
      fields: ['reason'],
      values: { reason: short },
      problem: 'reason_missing',
      back: '/admin/clients',
    }),
    'ask-client': actionPage({
      ...shell,
      section: 'clients',
      action: 'create-client',
      csrf: 'csrf-token',
      hidden: { id: short, seen: '' },
      fields: ['name', 'kind', 'redirectUris', 'scope'],
      values: { name: short, kind: short, redirectUris: short, scope: short },
      problem: 'client_refused',
      detail: text,
      back: '/admin/clients',
    }),
    secret: secretPage({
      ...shell,
      clientId: text,
      secret: 'a-secret',
      goOn: '/admin/clients',
    }),
  }
  return Object.fromEntries(
    Object.entries(pages).map(([name, html]) => [`admin-${prefix}${name}`, html]),
  )
}

function exactly(count: number) {
  return { count, isMore: false }
}

function atLeast(count: number) {
  return { count, isMore: true }
}

const empty = { brand: 'Example', words: english, rows: [], search: '', about: {}, isFirst: true }

export function sampleAdminPages(hostile: Adversary): Readonly<Record<string, string>> {
  const shell = { brand: 'Example', words: english, visitor }
  return {
    ...pagesWith('', { words: english, from: plain }),
    ...pagesWith('german-', { words: german, from: plain }),
    ...pagesWith('hostile-', { words: english, from: hostile }),
    'admin-clients-empty': clientsPage(empty),
    'admin-users-nothing-found': usersPage({ ...empty, search: 'nobody' }),
    'admin-users-nothing-yet': usersPage({
      ...{ ...empty, search: 'nobody', isFirst: false },
      ...{ lookedAt: 100_000, next: 'WyJ1c3JfMSJd' },
    }),
    'admin-grant-ended': grantPage({
      ...shell,
      events: [],
      grantId: 'grt_1',
      grant: undefined,
      person: { userId: undefined, userName: undefined, email: undefined },
      clientName: '',
    }),
    'admin-overview-calm': overviewPage({
      ...shell,
      counts: {
        clients: exactly(0),
        users: exactly(2),
        grants: exactly(0),
        tokens: exactly(0),
        sessions: exactly(1),
      },
      attention: {
        disabledClients: exactly(0),
        disabledUsers: exactly(0),
        clientsAsleepSoon: exactly(0),
        toolsWaiting: 0,
        loneAdmin: false,
        keys: [],
      },
      server: { version: '0.0.0', issuer: plain.url, database: 'file:…', events: 3 },
    }),
    'admin-gateway-none': gatewayPage({ ...shell, upstreams: [] }),
    'admin-gateway-new': gatewayPage({
      ...shell,
      upstreams: [
        {
          name: 'Files',
          resource: 'https://auth.example.com/mcp/files',
          url: 'http://127.0.0.1:3001/mcp',
          scopes: ['files:read'],
          tools: [],
        },
      ],
    }),
    'admin-secret-none': secretPage({
      ...shell,
      clientId: 'cli_1',
      secret: undefined,
      goOn: '/admin',
    }),
    'admin-ask-user': actionPage({
      ...shell,
      section: 'users',
      action: 'create-user',
      csrf: 'csrf-token',
      hidden: { id: 'usr_1', seen: '' },
      fields: ['email', 'name', 'password', 'admin'],
      values: {},
      back: '/admin/users',
    }),
  }
}
