/**
 * Makes, renews and ends the API tokens of a person, whoever asks for it: the person on a page, a
 * client with `tokens:manage`, an operator. The text of a token is derived and leaves this file
 * once, when it is made; again only where the operator lets people see it again.
 *
 * @see [RFC 6750 §5.3 - Summary of Recommendations](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.3)
 */
import { randomBytes } from 'node:crypto'
import type { Settings } from '../../config/settings.ts'
import {
  type ApiTokenCommand,
  type ApiTokenRefusal,
  type ApiTokenRevocationReason,
  type ApiTokenText,
  apiTokenDecider,
} from '../../domain/api-token.ts'
import { KeyTaken } from '../../domain/event-log.ts'
import { execute } from '../../domain/execute.ts'
import { newId } from '../../domain/ids.ts'
import { sha256 } from '../../domain/keyring.ts'
import { userDecider } from '../../domain/user.ts'
import {
  type ApiToken,
  findApiToken,
  findApiTokensOf,
  findTakenPlaces,
} from '../../projections/api-tokens.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { forgetUse, resourcesForApiTokens, scopesGivenBy } from './api-token-use.ts'
import { type ApiTokenDerivation, deriveApiToken } from './token-text.ts'

export const apiTokenNameCharactersMax = 80
export const apiTokenDescriptionCharactersMax = 400

export interface ApiTokenWish {
  readonly userId: string
  readonly name: string
  readonly description: string
  readonly resource: string
  readonly scopes: readonly string[]
  /** 0 for no end; what the operator gives by default unless told. */
  readonly lifetimeSeconds?: number | undefined
}

/** Who asks, as the log has it. */
export interface ApiTokenCause {
  readonly actor: string
  readonly correlationId: string
}

export type ApiTokenProblem =
  | 'api_tokens_off'
  | 'name_missing'
  | 'name_too_long'
  | 'description_too_long'
  | 'resource_unknown'
  | 'scope_missing'
  | 'scope_not_allowed'
  | 'lifetime_too_long'
  | 'overlap_too_long'
  | 'too_many'
  | 'user_not_active'
  | ApiTokenRefusal

interface Refused {
  readonly outcome: 'refused'
  readonly reason: ApiTokenProblem
}

export interface MadeApiToken {
  readonly outcome: 'accepted'
  readonly apiTokenId: string
  /** In clear, for whoever asked and nobody else. */
  readonly token: string
  /** What gives the text once more as long as somebody keeps it. */
  readonly derivation: ApiTokenDerivation
}

export async function createApiToken(
  services: Services,
  wish: ApiTokenWish,
  cause: ApiTokenCause,
): Promise<MadeApiToken | Refused> {
  const { settings, reader, log } = services
  const problem = await problemOf(services, wish)
  if (problem) return { outcome: 'refused', reason: problem }
  const { userId, name, description, lifetimeSeconds } = wish
  const at = services.now()
  const apiTokenId = newId('tok')
  const made = newText(services, { apiTokenId, generation: 1, lifetimeSeconds, now: at })
  const token = {
    apiTokenId,
    userId,
    name: name.trim(),
    description: description.trim(),
    resource: findResource(settings, wish.resource)?.resource ?? wish.resource,
    scopes: [...new Set(wish.scopes)],
    ...made.text,
    at,
  }
  for (;;) {
    const place = freePlace(await findTakenPlaces(reader, userId), settings.apiTokens.perAccount)
    if (place === undefined) return { outcome: 'refused', reason: 'too_many' }
    try {
      const outcome = await execute<ApiTokenProblem>(log, cause, async (work) => {
        const person = await work.read(userDecider, userId)
        if (person.status !== 'active') return work.reject('user_not_active')
        const command = { kind: 'create', token: { ...token, place } } as const
        return work.decide(apiTokenDecider, apiTokenId, command)
      })
      if (outcome.outcome === 'refused') return outcome
      return { outcome: 'accepted', apiTokenId, ...made.secret }
    } catch (error) {
      // Somebody took this place meanwhile: there may be another.
      if (!(error instanceof KeyTaken)) throw error
    }
  }
}

export interface Regeneration {
  readonly apiTokenId: string
  readonly userId: string
  /** As whoever asks has seen it, so that asking twice gives one new text; the newest unless told. */
  readonly generation?: number | undefined
  /** How long the old text stays good. */
  readonly overlapSeconds: number
  readonly lifetimeSeconds?: number | undefined
}

export async function regenerateApiToken(
  services: Services,
  { apiTokenId, userId, overlapSeconds, lifetimeSeconds, ...asked }: Regeneration,
  cause: ApiTokenCause,
): Promise<MadeApiToken | Refused> {
  const { settings } = services
  const row = await findOwn(services, { apiTokenId, userId })
  if (!row) return { outcome: 'refused', reason: 'token_unknown' }
  const problem = regenerationProblem(settings, { overlapSeconds, lifetimeSeconds })
  if (problem) return { outcome: 'refused', reason: problem }
  const now = services.now()
  const generation = (asked.generation ?? row.generation) + 1
  const made = newText(services, { apiTokenId, generation, lifetimeSeconds, now })
  const command = { kind: 'regenerate', text: made.text, overlapSeconds, now } as const
  const outcome = await change(services, { apiTokenId, command }, cause)
  if (outcome.outcome === 'refused') return outcome
  return { outcome: 'accepted', apiTokenId, ...made.secret }
}

/** @param userId whose it must be; anybody's for an operator */
export async function revokeApiToken(
  services: Services,
  asked: {
    apiTokenId: string
    userId?: string
    reason: ApiTokenRevocationReason
    why?: string
  },
  cause: ApiTokenCause,
): Promise<{ readonly outcome: 'accepted' } | Refused> {
  const { apiTokenId, userId, ...how } = asked
  const row = await findApiToken(services.reader, apiTokenId)
  if (!row || (userId !== undefined && row.userId !== userId)) {
    return { outcome: 'refused', reason: 'token_unknown' }
  }
  const command = { kind: 'revoke', ...how, now: services.now() } as const
  const outcome = await change(services, { apiTokenId, command }, cause)
  if (outcome.outcome === 'accepted' && how.reason !== 'leaked')
    await forgetUse(services, apiTokenId)
  return outcome
}

/** The owner has read that it had leaked. */
export async function acknowledgeLeak(
  services: Services,
  asked: { apiTokenId: string; userId: string },
  cause: ApiTokenCause,
): Promise<{ readonly outcome: 'accepted' } | Refused> {
  const { apiTokenId } = asked
  if (!(await findOwn(services, asked))) return { outcome: 'refused', reason: 'token_unknown' }
  const command = { kind: 'acknowledge leak', now: services.now() } as const
  const outcome = await change(services, { apiTokenId, command }, cause)
  if (outcome.outcome === 'accepted') await forgetUse(services, apiTokenId)
  return outcome
}

/** All of a person's, the newest first. */
export function listApiTokens(
  { reader, settings }: Pick<Services, 'reader' | 'settings'>,
  userId: string,
): Promise<ApiToken[]> {
  return findApiTokensOf(reader, { userId, rowsMax: settings.limits.pageRowsMax })
}

export async function findOwn(
  { reader }: Pick<Services, 'reader'>,
  { apiTokenId, userId }: { apiTokenId: string; userId: string },
): Promise<ApiToken | undefined> {
  const row = await findApiToken(reader, apiTokenId)
  return row?.userId === userId ? row : undefined
}

/**
 * The text of this token, if what it is derived from is at hand: kept in the log where people may
 * see it again, or brought by whoever holds it for a moment.
 */
export function textOf(
  { keyring, settings }: Pick<Services, 'keyring' | 'settings'>,
  row: ApiToken,
  kept?: ApiTokenDerivation,
): string | undefined {
  const nonce = kept?.generation === row.generation ? kept.nonce : row.nonce
  if (nonce === null || (!kept && !settings.apiTokens.reshow)) return undefined
  if (!keyring.versions.includes(row.keyVersion)) return undefined
  const text = deriveApiToken(keyring, { ...row, nonce }, row.prefix)
  return sha256(text) === row.tokenHash ? text : undefined
}

async function problemOf(
  services: Services,
  { userId, name, description, resource: identifier, scopes, lifetimeSeconds }: ApiTokenWish,
): Promise<ApiTokenProblem | undefined> {
  const { settings } = services
  if (!settings.apiTokens.enabled) return 'api_tokens_off'
  if (name.trim() === '') return 'name_missing'
  if (name.length > apiTokenNameCharactersMax) return 'name_too_long'
  if (description.length > apiTokenDescriptionCharactersMax) return 'description_too_long'
  const resource = findResource(settings, identifier)
  const allowed = resourcesForApiTokens(settings)
  if (!resource || !allowed.some((r) => r.resource === resource.resource)) return 'resource_unknown'
  if (scopes.length === 0) return 'scope_missing'
  const given = await scopesGivenBy(services, userId, resource)
  if (!scopes.every((scope) => given.includes(scope))) return 'scope_not_allowed'
  return lifetimeProblem(settings, lifetimeSeconds)
}

function regenerationProblem(
  settings: Settings,
  { overlapSeconds, lifetimeSeconds }: Pick<Regeneration, 'overlapSeconds' | 'lifetimeSeconds'>,
): ApiTokenProblem | undefined {
  if (!settings.apiTokens.enabled) return 'api_tokens_off'
  const isSound = overlapSeconds >= 0 && overlapSeconds <= settings.apiTokens.maxOverlapSeconds
  return isSound ? lifetimeProblem(settings, lifetimeSeconds) : 'overlap_too_long'
}

const yearsMaxSeconds = 10 * 365 * 24 * 60 * 60

function lifetimeProblem(
  { apiTokens }: Settings,
  lifetimeSeconds = apiTokens.defaultLifetimeSeconds,
): ApiTokenProblem | undefined {
  const most = apiTokens.maxLifetimeSeconds
  const isEndless = lifetimeSeconds === 0
  if (isEndless) return most > 0 ? 'lifetime_too_long' : undefined
  return lifetimeSeconds > (most || yearsMaxSeconds) ? 'lifetime_too_long' : undefined
}

interface TextTerms {
  readonly apiTokenId: string
  readonly generation: number
  readonly lifetimeSeconds: number | undefined
  readonly now: number
}

function newText(
  { settings: { apiTokens }, keyring }: Services,
  { apiTokenId, generation, lifetimeSeconds, now }: TextTerms,
) {
  const { prefix, reshow, defaultLifetimeSeconds } = apiTokens
  const nonce = randomBytes(32).toString('base64url')
  const derivation = { apiTokenId, generation, keyVersion: keyring.current, nonce }
  const token = deriveApiToken(keyring, derivation, prefix)
  const seconds = lifetimeSeconds ?? defaultLifetimeSeconds
  const text: ApiTokenText = {
    generation,
    tokenHash: sha256(token),
    prefix,
    lastFour: token.slice(-4),
    keyVersion: keyring.current,
    ...(reshow ? { nonce } : {}),
    ...(seconds === 0 ? {} : { expiresAt: now + seconds * 1000 }),
  }
  return { text, secret: { token, derivation } }
}

function freePlace(taken: ReadonlySet<number>, places: number): number | undefined {
  for (let place = 1; place <= places; place += 1) if (!taken.has(place)) return place
  return undefined
}

async function change(
  { log }: Services,
  { apiTokenId, command }: { apiTokenId: string; command: ApiTokenCommand },
  cause: ApiTokenCause,
): Promise<{ readonly outcome: 'accepted' } | Refused> {
  const outcome = await execute<ApiTokenRefusal>(log, cause, (work) =>
    work.decide(apiTokenDecider, apiTokenId, command),
  )
  return outcome.outcome === 'refused' ? outcome : { outcome: 'accepted' }
}
