/** The pages of API tokens in their states, from ordinary data and from an adversary's. */
import { type ApiTokenPageData, apiTokenPage } from '../../src/web/api-token.tsx'
import {
  apiTokensPage,
  type NewApiTokenPageData,
  newApiTokenPage,
  type ShownApiToken,
} from '../../src/web/api-tokens.tsx'
import type { PageShell } from '../../src/web/layout.tsx'
import { german } from '../../src/web/words/german.tsx'

const at = Date.UTC(2026, 10, 21, 14, 3, 9)
const daySeconds = 24 * 60 * 60
const text = 'glt_live_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM'

const good: ShownApiToken = {
  id: 'tok_1',
  name: 'Nightly backup',
  description: 'Runs on the server in the cellar',
  prefix: 'glt_live',
  lastFour: 'JKLM',
  resourceName: 'Example MCP',
  scopes: ['mcp:read', 'mcp:write'],
  createdAt: at,
  regeneratedAt: at + 3_600_000,
  expiresAt: at + 90 * daySeconds * 1000,
  lastUse: { at: at + 7_200_000, from: '2001:db8:1:2::/64' },
  state: 'good',
}
const fresh: ShownApiToken = {
  ...{ id: 'tok_2', name: 'Laptop', description: '', prefix: 'glt_live', lastFour: 'a-_9' },
  ...{ resourceName: 'Example MCP', scopes: ['mcp:read'], createdAt: at, state: 'good' },
}
const expired: ShownApiToken = { ...good, id: 'tok_3', expiresAt: at, state: 'expired' }
const leaked: ShownApiToken = { ...good, id: 'tok_4', state: 'leaked' }

const resource = { name: 'Example MCP', resource: 'https://api.example.com/mcp' }
const files = { name: 'Example files', resource: 'https://files.example.com' }

/** @param hostile what an adversary wrote, and the same at length */
export function sampleApiTokenPages(
  shell: PageShell,
  { hostile, long }: { hostile: string; long: string },
): Readonly<Record<string, string>> {
  const list = { ...shell, page: 1, pages: 1, hasLeaked: false }
  const many = Array.from({ length: 25 }, (_, index) => ({ ...good, id: `tok_${index}` }))
  const form: NewApiTokenPageData = {
    ...shell,
    csrf: 'csrf-token',
    resource,
    resources: [resource],
    scopes: [
      { scope: 'mcp:read', description: 'Read your things', chosen: true },
      { scope: 'mcp:write', description: 'Change your things', chosen: false },
    ],
    lifetimes: [7 * daySeconds, 90 * daySeconds, 0],
    lifetime: 90 * daySeconds,
  }
  const one: ApiTokenPageData = {
    ...shell,
    token: good,
    csrf: 'csrf-token',
    generation: 1,
    reshow: false,
    lifetimes: form.lifetimes,
    lifetime: form.lifetime,
    overlaps: [0, 3600, daySeconds],
  }
  const snippets = {
    curl: `curl -H "Authorization: Bearer ${text}" https://api.example.com/api/whoami`,
    commandLine: `grantlog config set api.token ${text}`,
    claudeCode: `claude mcp add --transport http jobs https://api.example.com/api/mcp --header "Authorization: Bearer ${text}"`,
  }
  const bad: ShownApiToken = {
    ...{ ...good, name: long, description: long, resourceName: long, scopes: [long] },
    lastUse: { at, from: hostile },
  }
  return {
    'api-tokens': apiTokensPage({ ...list, tokens: [good, fresh, expired] }),
    'api-tokens-empty': apiTokensPage({ ...list, tokens: [] }),
    'api-tokens-bot': apiTokensPage({
      ...{ ...list, tokens: [good], botAddress: 'https://t.me/example_auth_bot' },
    }),
    'api-tokens-full': apiTokensPage({ ...list, tokens: many, page: 2, pages: 20 }),
    'api-tokens-leaked': apiTokensPage({ ...list, tokens: [leaked, good], hasLeaked: true }),
    'api-tokens-german': apiTokensPage({ ...list, words: german, tokens: [good, fresh] }),
    'api-tokens-hostile': apiTokensPage({ ...list, brand: hostile, tokens: [bad] }),
    'new-api-token': newApiTokenPage(form),
    'new-api-token-german': newApiTokenPage({ ...form, words: german }),
    'new-api-token-choice': newApiTokenPage({
      ...{ ...form, resource: undefined, resources: [resource, files] },
    }),
    'new-api-token-problem': newApiTokenPage({ ...form, name: '', problem: 'name_missing' }),
    'new-api-token-hostile': newApiTokenPage({
      ...{ ...form, csrf: hostile, name: long, description: long, brand: hostile },
      resource: { name: long, resource: hostile },
      scopes: [{ scope: hostile, description: long, chosen: true }],
    }),
    'api-token': apiTokenPage(one),
    'api-token-leaked': apiTokenPage({ ...one, token: leaked }),
    'api-token-expired': apiTokenPage({ ...one, token: expired, problem: 'expired' }),
    'api-token-text': apiTokenPage({ ...one, text, snippets }),
    'api-token-text-german': apiTokenPage({ ...one, words: german, text, snippets, reshow: true }),
    'api-token-hostile': apiTokenPage({ ...one, brand: hostile, csrf: hostile, token: bad }),
  }
}
