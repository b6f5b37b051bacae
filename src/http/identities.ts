/** The identities of a person on their account page: what is linked, linking, unlinking. */
import { Elysia } from 'elysia'
import { unlinkIdentity } from '../identity/identities.ts'
import { isFresh } from '../identity/proof.ts'
import { findSession, type SignedIn } from '../identity/session.ts'
import { findUpstream, upstreamsWithButton } from '../identity/upstream.ts'
import { findIdentitiesOf } from '../projections/identities.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import type { IdentitiesShown, UpstreamPageProblem } from '../web/upstreams.tsx'
import { readForm } from './body.ts'
import { type BrowserMark, browserOf, csrfToken, readCookie } from './cookies.ts'
import { changedBy } from './own-change.ts'
import { isOwnForm, seeOther } from './page-response.ts'
import { signInFirst } from './return-path.ts'
import { backWith, departure } from './upstream.ts'

export function identities(services: Services) {
  const raw = { parse: 'none' } as const
  return new Elysia({ name: 'identities' })
    .post('/account/link', ({ request }) => startLink(services, request), raw)
    .post('/account/unlink', ({ request }) => unlink(services, request), raw)
}

interface Shown {
  readonly mark: BrowserMark
  readonly signedIn: SignedIn
  readonly problem: UpstreamPageProblem | undefined
}

/** Undefined where there is nothing linked and nothing to link. */
export async function identitiesShown(
  services: Services,
  { mark, signedIn, problem }: Shown,
): Promise<IdentitiesShown | undefined> {
  const linked = await findIdentitiesOf(services.reader, signedIn.user.userId)
  const isLinked = (id: string) => linked.some(({ upstream }) => upstream === id)
  const upstreams = upstreamsWithButton(services).filter(({ id }) => !isLinked(id))
  if (linked.length === 0 && upstreams.length === 0) return undefined
  return {
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(signedIn)),
    problem,
    upstreams,
    linked: linked.map(({ identityKey, upstream, label, linkedAt }) => ({
      identityKey,
      linkedAt,
      label: label ?? '',
      upstreamName: findUpstream(services, upstream)?.name ?? upstream,
    })),
  }
}

function purposeOf({ session }: SignedIn): string {
  return `identities ${session.sessionId}`
}

async function startLink(services: Services, request: Request): Promise<Response> {
  return withOwnForm(services, request, async ({ form, signedIn, mark }) => {
    const errand = { linkFor: signedIn.session.sessionId }
    const upstream = findUpstream(services, form.get('upstream'))
    if (!upstream || !upstreamsWithButton(services).includes(upstream)) {
      return backWith('upstream_failed', errand)
    }
    return departure(services, { upstream: upstream.id, browser: mark.browser, errand })
  })
}

async function unlink(services: Services, request: Request): Promise<Response> {
  return withOwnForm(services, request, async ({ form, signedIn }) => {
    const { user } = signedIn
    const by = changedBy(services, request)
    const identity = { user, identityKey: form.get('identity') ?? '', by }
    const cause = { actor: `user:${user.userId}`, correlationId: contextOf(request).requestId }
    const result = await unlinkIdentity(services, identity, cause)
    if (result.outcome === 'accepted') return seeOther('/account')
    return backWith(result.reason, { linkFor: signedIn.session.sessionId })
  })
}

interface OwnForm {
  readonly form: URLSearchParams
  readonly signedIn: SignedIn
  readonly mark: BrowserMark
}

async function withOwnForm(
  services: Services,
  request: Request,
  act: (own: OwnForm) => Promise<Response>,
): Promise<Response> {
  const { settings } = services
  const mark = browserOf(settings, request)
  const form = await readForm(request, settings.limits.bodyBytesMax)
  const signedIn = await findSession(services, readCookie(settings, request, 'session'))
  if (!signedIn) return signInFirst(request, '/account')
  if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(signedIn) })) {
    return backWith('expired_form', { linkFor: signedIn.session.sessionId })
  }
  // Whoever finds a browser open must not be able to change how its person gets in.
  const isNow = await isFresh(services, signedIn.user, signedIn.session)
  return isNow ? act({ form, signedIn, mark }) : signInFirst(request, '/account')
}
