/**
 * The API token that the bot looks after. Where an account has one token it is that one, whoever
 * made it; where it may have more, it is the one that the bot made.
 */
import { newId } from '../domain/ids.ts'
import type { ApiToken } from '../projections/api-tokens.ts'
import { findResource } from '../protocol/resources.ts'
import type { Services } from '../protocol/services.ts'
import { resourcesForApiTokens, scopesGivenBy } from '../protocol/tokens/api-token-use.ts'
import {
  type ApiTokenCause,
  type ApiTokenProblem,
  acknowledgeLeak,
  createApiToken,
  listApiTokens,
  regenerateApiToken,
} from '../protocol/tokens/api-tokens.ts'
import { showApiToken } from '../protocol/tokens/show-api-token.ts'
import { telegramUpstream } from './telegram-person.ts'

/** What a token of the bot is called, on pages too. */
export const botTokenName = 'Telegram'

/** How often somebody else may be faster before the person is told to try again. */
const attemptsMax = 5

export type BotToken =
  | { readonly outcome: 'made' | 'shown' | 'replaced'; readonly token: string }
  | { readonly outcome: 'hidden'; readonly lastFour: string }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'refused'; readonly reason: ApiTokenProblem }

/** The token as it is; a new one where there is none, or it has expired. */
export async function currentToken(services: Services, userId: string): Promise<BotToken> {
  const cause = causeOf(services)
  let refused: ApiTokenProblem = 'token_regenerated'
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const row = await findBotToken(services, userId)
    if (row && !isExpired(services, row)) {
      const token = await showApiToken(services, row, cause)
      if (token !== undefined) return { outcome: 'shown', token }
      if (isStill(row, await findBotToken(services, userId))) {
        return { outcome: 'hidden', lastFour: row.lastFour }
      }
      continue
    }
    const made = row
      ? await regenerate(services, row, cause)
      : await createApiToken(services, await wishOf(services, userId), cause)
    if (made.outcome === 'accepted') return { outcome: 'made', token: made.token }
    refused = made.reason
    if (!isOvertaken(refused)) break
  }
  return { outcome: 'refused', reason: refused }
}

/** Ends the token and gives another; nothing where there is none. */
export async function replaceToken(services: Services, userId: string): Promise<BotToken> {
  const row = await findBotToken(services, userId)
  if (!row) return { outcome: 'none' }
  const made = await regenerate(services, row, causeOf(services))
  if (made.outcome === 'accepted') return { outcome: 'replaced', token: made.token }
  // Replaced at this moment, by another message or on a page: that is what was asked for.
  return isOvertaken(made.reason)
    ? currentToken(services, userId)
    : { outcome: 'refused', reason: made.reason }
}

/** Those that were ended because they had leaked, and whose owner has not read so. */
export async function leakedTokens(services: Services, userId: string): Promise<ApiToken[]> {
  const rows = await listApiTokens(services, userId)
  return rows.filter(({ leakedAt }) => leakedAt !== null)
}

export async function acknowledgeLeaks(
  services: Services,
  rows: readonly ApiToken[],
): Promise<void> {
  for (const row of rows) await acknowledgeLeak(services, row, causeOf(services))
}

async function findBotToken(services: Services, userId: string): Promise<ApiToken | undefined> {
  const isOnly = services.settings.apiTokens.perAccount === 1
  const rows = await listApiTokens(services, userId)
  return rows.find((row) => row.leakedAt === null && (isOnly || row.name === botTokenName))
}

function regenerate(services: Services, row: ApiToken, cause: ApiTokenCause) {
  const { apiTokenId, userId, generation } = row
  const asked = { apiTokenId, userId, generation, overlapSeconds: 0 }
  return regenerateApiToken(services, asked, cause)
}

/** For the first resource that API tokens may be for, with what clients get there unless they ask. */
async function wishOf(services: Services, userId: string) {
  const [first] = resourcesForApiTokens(services.settings)
  const resource = first && (findResource(services.settings, first.resource) ?? first)
  const given = resource ? await scopesGivenBy(services, userId, resource) : []
  const usual = given.filter((scope) => resource?.defaultScopes.includes(scope))
  return {
    userId,
    name: botTokenName,
    description: '',
    resource: resource?.resource ?? '',
    scopes: usual.length > 0 ? usual : given,
  }
}

function causeOf({ settings }: Services): ApiTokenCause {
  return { actor: `upstream:${telegramUpstream(settings).id}`, correlationId: newId('cor') }
}

function isExpired({ now }: Services, { expiresAt }: ApiToken): boolean {
  return expiresAt !== null && expiresAt <= now()
}

function isStill(row: ApiToken, later: ApiToken | undefined): boolean {
  return later?.apiTokenId === row.apiTokenId && later.generation === row.generation
}

/** Somebody else was faster; what they made may be found now. */
function isOvertaken(reason: ApiTokenProblem): boolean {
  return ['too_many', 'token_regenerated', 'token_revoked', 'token_unknown'].includes(reason)
}
