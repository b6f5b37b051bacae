/**
 * The interaction API: a page of the operator's own, in the place of ours, asks what a client asks
 * for, signs the person in, and answers. Every request carries the word of a front as its bearer
 * token; nobody else learns or decides anything here.
 */
import { Elysia, NotFoundError } from 'elysia'
import { AlreadyConsumed } from '../domain/event-log.ts'
import { sha256 } from '../domain/keyring.ts'
import { accountOfFront, makeAccountOfFront, personOfFront } from '../identity/front-person.ts'
import {
  type AuthorizationRequest,
  authorizationRequestTtlSeconds,
} from '../protocol/authorization/authorization-request.ts'
import { type OptionsOf, readOptions } from '../protocol/authorization/choice-options.ts'
import { approve, deny } from '../protocol/authorization/consent.ts'
import {
  type Acceptance,
  type FrontPerson,
  hearAcceptance,
  hearDenial,
  hearQuestion,
  type Presented,
  requireExpected,
  unknownInteraction,
} from '../protocol/authorization/interaction.ts'
import { digestOf, type Offer, offerFor } from '../protocol/authorization/offer.ts'
import { lookUpClient } from '../protocol/clients/known-client.ts'
import { OAuthError } from '../protocol/oauth-error.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import { chosenDetails } from './consent-details.ts'
import { consentView } from './consent-view.ts'
import { jsonResponse } from './errors.ts'

const raw = { parse: 'none' } as const

export function interactions(services: Services) {
  const presented = (request: Request, interactionId: string): Presented => {
    // A front that only passes on has no say in who somebody is.
    if (services.settings.interactionUrl === undefined) throw new NotFoundError()
    return { interactionId, jwt: bearerOf(request) }
  }
  return new Elysia({ name: 'interactions' })
    .get('/api/interactions/:id', ({ request, params }) =>
      show(services, presented(request, params.id)),
    )
    .post(
      '/api/interactions/:id/accept',
      ({ request, params }) => accept(services, request, presented(request, params.id)),
      raw,
    )
    .post(
      '/api/interactions/:id/deny',
      ({ request, params }) => refuse(services, presented(request, params.id)),
      raw,
    )
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}

async function show(services: Services, presented: Presented): Promise<Response> {
  const { asked, person } = await hearQuestion(services, presented)
  const { client, offer } = await readOffer(services, asked, person)
  const optionsOf = await optionsFor(services, { asked, person, offer })
  const view = consentView(services.settings, { asked, client, offer, optionsOf })
  if (!view) throw unknownInteraction()
  const { name, uri, registeredVia } = view.client
  return jsonResponse({
    interaction: asked.requestId,
    expires_at: Math.floor(asked.receivedAt / 1000) + authorizationRequestTtlSeconds,
    client: {
      client_id: asked.clientId,
      name,
      uri,
      registered_via: registeredVia,
      redirect_host: view.redirectHost,
      loopback_only: view.loopbackOnly,
    },
    sign_in: {
      login_hint: asked.loginHint,
      max_age: asked.maxAgeSeconds,
      prompt: asked.prompt,
      ui_locales: asked.uiLocales,
    },
    resources: view.resources.map(({ identifier, name, scopes }) => ({
      resource: identifier,
      name,
      scopes: scopes.map(({ scope, description, already, isRisky }) => ({
        ...{ scope, description, already },
        ...(isRisky ? { risk: 'high' } : {}),
      })),
    })),
    authorization_details: view.details,
    access_token_seconds: view.accessTtlSeconds,
    refresh_token_seconds: view.refreshTtlSeconds,
    ...(person === undefined ? {} : { shown: shownTo(asked, person, offer) }),
  })
}

async function accept(
  services: Services,
  request: Request,
  presented: Presented,
): Promise<Response> {
  const acceptance = await hearAcceptance(services, presented)
  const { asked, person } = acceptance
  const { offer } = await readOffer(services, asked, person)
  const form = new URLSearchParams(acceptance.choices)
  const optionsOf = await optionsFor(services, { asked, person, offer })
  const details = chosenDetails(services.settings, offer, { form, optionsOf })
  if (!details || shownTo(asked, person, offer) !== acceptance.shown) throw changed()
  const before = await accountOfFront(services, person)
  await requireExpected(services, asked, before?.userId)
  const approver = await approverOf(services, acceptance)
  const { requestId: correlationId } = contextOf(request)
  return redirect(async () => {
    const location = await approve(services, asked, { approver, offer, details, correlationId })
    if (location === undefined) throw changed()
    return location
  })
}

async function refuse(services: Services, presented: Presented): Promise<Response> {
  const asked = await hearDenial(services, presented)
  return redirect(() => deny(services, asked))
}

/** What this person was shown for this request, in short: an acceptance counts only for that. */
function shownTo({ requestId }: AuthorizationRequest, person: FrontPerson, offer: Offer): string {
  return sha256(JSON.stringify([requestId, person.subject, digestOf(offer)]))
}

/** The person is always asked: whether they were before is for the page to know. */
async function readOffer(
  services: Services,
  asked: AuthorizationRequest,
  frontPerson: FrontPerson | undefined,
) {
  const client = await lookUpClient(services, asked.clientId)
  if (!client) throw unknownInteraction()
  const person = await personOfFront(services, frontPerson)
  const found = await offerFor(services, { request: asked, client, person })
  const { remembered: _, ...offer }: Offer = found
  return { client, offer }
}

interface Asking {
  readonly asked: AuthorizationRequest
  readonly person: FrontPerson | undefined
  readonly offer: Offer
}

async function optionsFor(
  services: Services,
  { asked, person, offer }: Asking,
): Promise<OptionsOf> {
  const account = person && (await accountOfFront(services, person))
  return readOptions(services, offer.details, {
    clientId: asked.clientId,
    userId: account?.userId ?? '',
    frontSubject: person?.subject,
  })
}

async function approverOf(services: Services, { person, authTime, amr }: Acceptance) {
  const result = await makeAccountOfFront(services, person)
  if (result.outcome === 'refused') {
    throw new OAuthError('access_denied', 'The account cannot be used', {
      cause: result.reason,
      status: 403,
    })
  }
  const { userId, email, emailVerifiedAt, admin, groups } = result.user
  return { userId, email, emailVerifiedAt, admin, groups, authTime, amr }
}

/** Where the front sends the browser, with 303. */
async function redirect(answered: () => Promise<string>): Promise<Response> {
  try {
    return jsonResponse({ redirect_to: await answered() })
  } catch (error) {
    if (error instanceof AlreadyConsumed) throw unknownInteraction()
    throw error
  }
}

function changed(): OAuthError {
  const words = 'What would be given is not what was shown: ask again, and show that'
  return new OAuthError('consent_required', words, { status: 409 })
}
