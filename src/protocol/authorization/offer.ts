/**
 * What approving a request would give: what is asked for, as far as the person may give it, seen
 * beside what they allowed this client before.
 *
 *   asks for no more, identity assured ──▶ the earlier consent answers for the person
 *   asks for more on a resource it has ──▶ a new grant over both, and the page says what is new
 *   anything else ───────────────────────▶ what is asked for, and nothing beside it
 *
 * @see [RFC 6749 §10.2 - Client Impersonation](https://www.rfc-editor.org/rfc/rfc6749.html#section-10.2)
 */
import { type Access, exceeds } from '../../domain/access.ts'
import type { RememberedConsent } from '../../domain/grant-events.ts'
import { sha256 } from '../../domain/keyring.ts'
import type { Grant } from '../../projections/grants.ts'
import { findGrantsBetween } from '../../projections/grants-between.ts'
import { isAssured, isOneParty } from '../clients/assured-client.ts'
import type { KnownClient } from '../clients/known-client.ts'
import { findResource, isOffered } from '../resources.ts'
import type { Services } from '../services.ts'
import { scopesForClaims } from '../tokens/person-claims.ts'
import { accessOfPerson, type Person } from '../who-may.ts'
import {
  type AuthorizationDetail,
  detailsAt,
  isSameAsked,
  typeOf,
} from './authorization-details.ts'
import type { AuthorizationRequest } from './authorization-request.ts'

const newestAsked = 1

export interface Offer {
  readonly access: Access[]
  /** The part of it that the client has already; empty unless `addsTo` is there. */
  readonly already: Access[]
  /** What is given in particular, as far as the person has not yet to choose. */
  readonly details: AuthorizationDetail[]
  /** Those that the older grant gives and nobody asks for now; given again as they are. */
  readonly detailsBefore: AuthorizationDetail[]
  /** The grant that the new one takes over. */
  readonly addsTo?: string
  readonly remembered?: RememberedConsent
}

export interface Asking {
  readonly request: AuthorizationRequest
  readonly client: KnownClient
  readonly person: Person & { readonly userId: string }
}

export async function offerFor(services: Services, asking: Asking): Promise<Offer> {
  const { request, client, person } = asking
  const asked = givable(services, request.access, person)
  const details = detailsOn(services, request.authorizationDetails ?? [], asked)
  const nothingBefore = { access: asked, already: [], details, detailsBefore: [] }
  if (asked.length === 0) return nothingBefore
  const question = { request, client, asked, details }
  const { before, remembered } = await recall(services, person.userId, question)
  if (remembered) {
    const { grantId, consentedAt } = remembered
    const asChosen = remembered.authorizationDetails ?? []
    return { ...nothingBefore, details: asChosen, remembered: { grantId, consentedAt } }
  }
  // Under an id that many installations share, the earlier grant may be another's.
  const isOwn = isOneParty(client, request.redirectUri)
  const base = isOwn ? before.find((grant) => sharesResource(grant, asked)) : undefined
  if (!base || (covers(base.access, asked) && hasDetails(services, base, details))) {
    return nothingBefore
  }
  const already = givable(services, stillOffered(services, base.access), person)
  const access = union(asked, already)
  const detailsBefore = detailsOn(services, base.authorizationDetails ?? [], access).filter(
    ({ type }) => !details.some((detail) => detail.type === type),
  )
  return { access, already, details, detailsBefore, addsTo: base.grantId }
}

/** The details whose type is offered still, on a resource that the grant is for. */
export function detailsOn(
  { settings }: Pick<Services, 'settings'>,
  details: readonly AuthorizationDetail[],
  access: readonly Access[],
): AuthorizationDetail[] {
  return details.filter(
    (detail) =>
      typeOf(settings, detail.type) !== undefined &&
      access.some(({ resource }) => detailsAt(settings, [detail], resource).length > 0),
  )
}

function hasDetails(
  { settings }: Services,
  grant: Grant,
  details: readonly AuthorizationDetail[],
): boolean {
  return isSameAsked(settings, details, grant.authorizationDetails ?? [])
}

/** What this person may give of what is asked. */
function givable({ settings }: Services, access: readonly Access[], person: Person): Access[] {
  return accessOfPerson(access, person, (resource) => findResource(settings, resource))
}

/** What the person has allowed this client and is good now, the newest first. */
function findEarlier(
  { reader, now }: Services,
  { client, ...asked }: { client: KnownClient; userId: string; newest?: number },
): Promise<Grant[]> {
  return findGrantsBetween(reader, { ...asked, clientId: client.clientId, now: now() })
}

/** What a client has from this person by consents that are good now, where only it can have it. */
export async function alreadyGiven(
  services: Services,
  { client, userId }: { client: KnownClient; userId: string },
): Promise<Access[]> {
  if (client.metadata.tokenEndpointAuthMethod === 'none') return []
  const grants = await findEarlier(services, { client, userId })
  return grants.reduce<Access[]>((all, { access }) => union(all, access), [])
}

/** Whether the person has taken something back from this client since they said yes to this. */
function isOutdated({ grantId, consentedAt }: Grant, all: readonly Grant[]): boolean {
  return all.some((g) => g.grantId !== grantId && (g.narrowedAt ?? 0) >= consentedAt)
}

interface Question {
  readonly request: AuthorizationRequest
  readonly client: KnownClient
  readonly asked: readonly Access[]
  readonly details: readonly AuthorizationDetail[]
}

/** What the person has given before, and of it what answers the question. */
async function recall(
  services: Services,
  userId: string,
  question: Question,
): Promise<{ before: Grant[]; remembered: Grant | undefined }> {
  const between = { client: question.client, userId }
  const newest = await findEarlier(services, { ...between, newest: newestAsked })
  const remembered = answerAmong(services, newest, question)
  // Every sign-in leaves a grant, so there may be many, and nearly always one of the newest answers.
  if (remembered || newest.length < newestAsked) return { before: newest, remembered }
  const before = await findEarlier(services, between)
  return { before, remembered: answerAmong(services, before, question) }
}

/** @param before with all that the person has taken something back from */
function answerAmong(
  services: Services,
  before: readonly Grant[],
  question: Question,
): Grant | undefined {
  return before.find((grant) => !isOutdated(grant, before) && answers(services, grant, question))
}

function answers(
  services: Services,
  grant: Grant,
  { request, client, asked, details }: Question,
): boolean {
  const { settings, now } = services
  if (request.prompt.includes('consent')) return false
  const rememberedSince = now() - settings.consent.rememberSeconds * 1000
  const isRecent = grant.consentedAt > rememberedSince
  const counts = countsFor(client, grant, request)
  const seen = grant.access.flatMap(({ scopes }) => scopes)
  const claimsSeen = !exceeds(scopesForClaims(request.claims), seen)
  const isCovered = covers(grant.access, asked) && hasDetails(services, grant, details)
  return isRecent && counts && claimsSeen && isCovered
}

/** Whether a consent of that time was given to the client as it is, and to nobody else. */
export function countsFor(
  client: KnownClient,
  { consentedAt }: Pick<RememberedConsent, 'consentedAt'>,
  { redirectUri }: Pick<AuthorizationRequest, 'redirectUri'>,
): boolean {
  const { changed, consentVoidedAt = -1 } = client
  const isUnchanged = changed === undefined && consentedAt > consentVoidedAt
  return isUnchanged && isAssured(client, redirectUri)
}

function scopesAt(access: readonly Access[], resource: string): readonly string[] {
  return access.find((a) => a.resource === resource)?.scopes ?? []
}

function covers(given: readonly Access[], asked: readonly Access[]): boolean {
  return asked.every(({ resource, scopes }) => !exceeds(scopes, scopesAt(given, resource)))
}

function sharesResource(grant: Grant, asked: readonly Access[]): boolean {
  return asked.some(({ resource }) => scopesAt(grant.access, resource).length > 0)
}

/** An operator may have taken a scope or a resource away since. */
function stillOffered({ settings }: Services, access: readonly Access[]): Access[] {
  return access.flatMap(({ resource, scopes }) => {
    const served = findResource(settings, resource)
    if (!served) return []
    const offered = (scope: string) => isOffered({ settings, resource: served }, scope)
    return [{ resource, scopes: scopes.filter(offered) }]
  })
}

/** The resources asked for stay in front: the first is meant where a token request names none. */
function union(asked: readonly Access[], already: readonly Access[]): Access[] {
  const both = [...asked, ...already].map(({ resource }) => resource)
  return [...new Set(both)].map((resource) => ({
    resource,
    scopes: [...new Set([...scopesAt(asked, resource), ...scopesAt(already, resource)])],
  }))
}

/** What a page showed, in short: an approval counts only for that. */
export function digestOf(
  { access, details, detailsBefore, addsTo }: Pick<Offer, 'access'> & Partial<Offer>,
  client?: Pick<KnownClient, 'metadata'>,
): string {
  const { clientName, clientUri } = client?.metadata ?? {}
  const who = [clientName, clientUri]
  return sha256(JSON.stringify([who, access, details, detailsBefore, addsTo ?? null]))
}
