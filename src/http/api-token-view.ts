/** What the pages of API tokens are told: a token as its owner may see it, and what may be chosen. */
import type { Settings } from '../config/settings.ts'
import type { ApiToken } from '../projections/api-tokens.ts'
import { describeScope, findResource } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import {
  lastUseOf,
  resourcesForApiTokens,
  scopesGivenBy,
} from '../protocol/tokens/api-token-use.ts'
import type { ApiTokenProblem } from '../protocol/tokens/api-tokens.ts'
import type { Snippets } from '../web/api-token.tsx'
import type { ApiTokenPageProblem, NewApiTokenPageData, ShownApiToken } from '../web/api-tokens.tsx'

const daySeconds = 24 * 60 * 60

export async function shownToken(services: Services, row: ApiToken): Promise<ShownApiToken> {
  const { settings, now } = services
  const isOver = row.expiresAt !== null && row.expiresAt <= now()
  return {
    id: row.apiTokenId,
    name: row.name ?? '',
    description: row.description ?? '',
    prefix: row.prefix,
    lastFour: row.lastFour,
    resourceName: findResource(settings, row.resource)?.name ?? row.resource,
    scopes: row.scopes,
    createdAt: row.createdAt,
    regeneratedAt: row.regeneratedAt ?? undefined,
    expiresAt: row.expiresAt ?? undefined,
    lastUse: await lastUseOf(services, row.apiTokenId),
    state: row.leakedAt !== null ? 'leaked' : isOver ? 'expired' : 'good',
  }
}

type FormData = Omit<NewApiTokenPageData, 'brand' | 'words' | 'csrf' | 'problem'>

interface Asked {
  readonly userId: string
  /** Of the address, or of the form that was sent. */
  readonly asked: URLSearchParams
  /** What the person has chosen already stays chosen. */
  readonly isAgain: boolean
}

export async function formData(
  services: Services,
  { userId, asked, isAgain }: Asked,
): Promise<FormData> {
  const { settings } = services
  const offers = await Promise.all(
    resourcesForApiTokens(settings).map(async (resource) => ({
      resource,
      scopes: await scopesGivenBy(services, userId, resource),
    })),
  )
  const open = offers.filter(({ scopes }) => scopes.length > 0)
  const named = open.find(({ resource }) => resource.resource === asked.get('resource'))
  const offer = named ?? (open.length === 1 ? open[0] : undefined)
  const chosen = asked.getAll('scope')
  const { lifetimes, lifetime } = lifetimesOf(settings)
  const wished = Number(asked.get('expires_in') ?? lifetime)
  return {
    resource: offer?.resource,
    resources: open.map(({ resource }) => resource),
    scopes: (offer?.scopes ?? []).map((scope) => ({
      scope,
      description: offer ? describeScope(offer.resource, scope) : scope,
      chosen: isAgain ? chosen.includes(scope) : offer?.scopes.length === 1,
    })),
    lifetimes,
    lifetime: lifetimes.includes(wished) ? wished : lifetime,
    name: asked.get('name') ?? undefined,
    description: asked.get('description') ?? undefined,
  }
}

/** Usual ones, the operator's own, and none where there is no most. */
export function lifetimesOf({ apiTokens }: Settings): { lifetimes: number[]; lifetime: number } {
  const { defaultLifetimeSeconds: lifetime, maxLifetimeSeconds: most } = apiTokens
  const usual = [7, 30, 90, 365].map((days) => days * daySeconds)
  const all = [...new Set([...usual, lifetime, most])].filter((seconds) => seconds > 0)
  const allowed = all.filter((seconds) => most === 0 || seconds <= most)
  const lifetimes = allowed.toSorted((a, b) => a - b)
  return { lifetimes: most === 0 ? [...lifetimes, 0] : lifetimes, lifetime }
}

export function overlapsOf({ apiTokens }: Settings): number[] {
  const most = apiTokens.maxOverlapSeconds
  const usual = [60 * 60, daySeconds, 7 * daySeconds].filter((seconds) => seconds < most)
  return [...new Set([0, ...usual, most])]
}

/** What to type elsewhere; the text has no character that a shell would read otherwise. */
export function snippetsFor(settings: Settings, { resource }: ApiToken, text: string): Snippets {
  const header = `"Authorization: Bearer ${text}"`
  const isOurs = resource === `${settings.apiUrl}/api/mcp`
  const opensMcp = isOurs && settings.apiTokens.acceptedOn.includes('mcp')
  const url = shellWord(resource)
  return {
    curl: `curl -H ${header} ${settings.apiUrl}/api/whoami`,
    commandLine: `grantlog config set api.url ${settings.apiUrl}\ngrantlog config set api.token ${text}`,
    claudeCode: opensMcp
      ? `claude mcp add --transport http jobs ${url} --header ${header}`
      : undefined,
  }
}

function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

const ownWords: readonly ApiTokenPageProblem[] = [
  ...(['name_missing', 'name_too_long', 'description_too_long', 'scope_missing'] as const),
  ...(['scope_not_allowed', 'lifetime_too_long', 'too_many'] as const),
]

/** What the page says of a problem. */
export function pageProblem(reason: ApiTokenProblem): ApiTokenPageProblem {
  return ownWords.find((known) => known === reason) ?? 'changed'
}
