/**
 * The pages on which a person sees what they connected, takes some of it back, and revokes it. A
 * form that comes twice, late, or after somebody else changed the same finds that out from the log
 * and does no harm.
 *
 * @see [RFC 9700 §4.7 - Cross-Site Request Forgery](https://www.rfc-editor.org/rfc/rfc9700.html#section-4.7)
 */
import { Elysia } from 'elysia'
import type { Access } from '../domain/access.ts'
import type { SignedIn } from '../identity/session.ts'
import { countConnections } from '../projections/connections.ts'
import {
  listConnections,
  narrowConnection,
  readConnection,
  revokeConnections,
  searchCharactersMax,
} from '../protocol/authorization/connected-apps.ts'
import { readTimeline } from '../protocol/authorization/grant-timeline.ts'
import type { Services } from '../protocol/services.ts'
import { type ConnectedAppProblem, connectedAppPage } from '../web/connected-app.tsx'
import {
  type ConnectedAppsDone,
  connectedAppsPage,
  connectedAppsPath,
  revokeAllPage,
} from '../web/connected-apps.tsx'
import { listedApprovals } from './approval-view.ts'
import { readForm } from './body.ts'
import { connectedAppsApi } from './connected-apps-api.ts'
import { endedConnection, shownCalls, shownConnection, shownResource } from './connection-view.ts'
import { csrfToken } from './cookies.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther } from './page-response.ts'
import { visitorShell } from './visitor.ts'
import { causeOf, type Here, whoIsHere } from './who-is-here.ts'

const raw = { parse: 'none' } as const
const rowsPerPage = 20
const approvalsShown = 10

export function connectedApps(services: Services) {
  return new Elysia({ name: 'connected-apps' })
    .use(connectedAppsApi(services))
    .get(connectedAppsPath, ({ request }) => list(services, request))
    .get(`${connectedAppsPath}/revoke`, ({ request }) => askForAll(services, request))
    .post(`${connectedAppsPath}/revoke`, ({ request }) => revokeAll(services, request), raw)
    .get(`${connectedAppsPath}/:id`, ({ request, params: { id } }) => open(services, request, id))
    .post(
      `${connectedAppsPath}/:id/narrow`,
      ({ request, params: { id } }) => narrow(services, request, id),
      raw,
    )
    .post(
      `${connectedAppsPath}/:id/revoke`,
      ({ request, params: { id } }) => revoke(services, request, id),
      raw,
    )
}

function csrfOf({ keyring }: Services, { mark, signedIn }: Here, of: string): string {
  return csrfToken(keyring, mark.browser, purposeOf(signedIn, of))
}

function purposeOf({ session }: SignedIn, of: string): string {
  return `connected-apps ${session.sessionId} ${of}`
}

async function list(services: Services, request: Request): Promise<Response> {
  const here = await whoIsHere(services, request)
  if (here instanceof Response) return here
  const { searchParams } = new URL(request.url)
  const search = (searchParams.get('search') ?? '').slice(0, searchCharactersMax)
  const asked = Number(searchParams.get('page') ?? 1)
  const page = Number.isSafeInteger(asked) ? asked : 1
  const found = await listConnections(services, {
    userId: here.userId,
    search,
    page,
    rows: rowsPerPage,
  })
  const html = connectedAppsPage({
    ...visitorShell(services, request, here.signedIn),
    ...found,
    search,
    connections: found.connections.map((c) => shownConnection(services.settings, c)),
    done: doneIn(searchParams),
  })
  return pageResponse(html, { cookies: [here.mark.setCookie] })
}

/** What a form came to, said on the page that it leads to. */
function doneIn(given: URLSearchParams): ConnectedAppsDone | undefined {
  const done = given.get('done')
  return done === 'narrowed' || done === 'revoked' ? done : undefined
}

async function open(services: Services, request: Request, id: string): Promise<Response> {
  const here = await whoIsHere(services, request)
  return here instanceof Response ? here : show(services, here, { id })
}

async function show(
  services: Services,
  here: Here,
  { id: grantId, problem }: { id: string; problem?: ConnectedAppProblem },
): Promise<Response> {
  const { request, userId } = here
  const { searchParams } = new URL(request.url)
  const asked = Number(searchParams.get('before') ?? Number.NaN)
  const before = Number.isSafeInteger(asked) && asked > 0 ? asked : undefined
  const timeline = await readTimeline(services.log, { userId, grantId, before })
  if (!timeline) return errorResponse(services, request, { text: 'notFound', status: 404 })
  const found = await readConnection(services, { userId, grantId })
  const connection = found
    ? shownConnection(services.settings, found)
    : await endedConnection(services, timeline)
  const html = connectedAppPage({
    ...visitorShell(services, request, here.signedIn),
    connection,
    narrowedAt: found?.narrowedAt,
    expiresAt: found?.expiresAt,
    resources: (found?.access ?? []).map((access) => shownResource(services.settings, access)),
    ofClient: await countConnections(services.reader, {
      ...{ userId, clientId: connection.clientId },
    }),
    csrf: csrfOf(services, here, grantId),
    timeline: timeline.entries,
    before: timeline.before,
    ...(await shownCalls(services, grantId, searchParams.get('calls_before') ?? undefined)),
    approvals: await listedApprovals(services, { userId, grantId, rowsMax: approvalsShown }),
    now: services.now(),
    done: doneIn(searchParams),
    problem,
  })
  const status = problem === undefined ? 200 : 400
  return pageResponse(html, { status, cookies: [here.mark.setCookie] })
}

/** What stayed ticked, as access. */
function keptIn(form: URLSearchParams): Access[] {
  const kept = new Map<string, Set<string>>()
  for (const value of form.getAll('keep')) {
    const space = value.indexOf(' ')
    const [scope, resource] = [value.slice(0, space), value.slice(space + 1)]
    kept.set(resource, (kept.get(resource) ?? new Set()).add(scope))
  }
  return [...kept].map(([resource, scopes]) => ({ resource, scopes: [...scopes] }))
}

interface OwnForm {
  readonly here: Here
  readonly form: URLSearchParams
}

/** The form, or the page that says why it does not count. */
async function readOwnForm(
  services: Services,
  request: Request,
  id: string,
): Promise<OwnForm | Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const page = `${connectedAppsPath}/${id === 'all' ? 'revoke' : id}`
  const here = await whoIsHere(services, request, page)
  if (here instanceof Response) return here
  const { mark, signedIn } = here
  const purpose = purposeOf(signedIn, id)
  if (isOwnForm(services, { request, form }, { mark, purpose })) return { here, form }
  return id === 'all'
    ? errorResponse(services, request, { text: 'formRefused', status: 403 })
    : show(services, here, { id, problem: 'expired' })
}

async function narrow(services: Services, request: Request, id: string): Promise<Response> {
  const own = await readOwnForm(services, request, id)
  if (own instanceof Response) return own
  const { here, form } = own
  const wish = { userId: here.userId, grantId: id, access: keptIn(form) }
  const problem = await narrowConnection(services, wish, causeOf(here))
  if (problem === undefined) return seeOther(`${connectedAppsPath}/${id}?done=narrowed`)
  // It has ended meanwhile: its page says so.
  if (problem === 'grant_unknown') return seeOther(`${connectedAppsPath}/${id}`)
  return show(services, here, { id, problem })
}

async function revoke(services: Services, request: Request, id: string): Promise<Response> {
  const own = await readOwnForm(services, request, id)
  if (own instanceof Response) return own
  const { here, form } = own
  const { userId } = here
  const found = await readConnection(services, { userId, grantId: id })
  const which =
    form.get('all') === 'client' && found ? { clientId: found.clientId } : { grantId: id }
  await revokeConnections(services, { userId, ...which }, causeOf(here))
  return seeOther(`${connectedAppsPath}?done=revoked`)
}

async function askForAll(services: Services, request: Request): Promise<Response> {
  const here = await whoIsHere(services, request)
  if (here instanceof Response) return here
  const count = await countConnections(services.reader, { userId: here.userId })
  if (count.count === 0) return seeOther(connectedAppsPath)
  const csrf = csrfOf(services, here, 'all')
  const html = revokeAllPage({
    ...visitorShell(services, request, here.signedIn),
    count,
    csrf,
  })
  return pageResponse(html, { cookies: [here.mark.setCookie] })
}

async function revokeAll(services: Services, request: Request): Promise<Response> {
  const own = await readOwnForm(services, request, 'all')
  if (own instanceof Response) return own
  await revokeConnections(services, { userId: own.here.userId }, causeOf(own.here))
  return seeOther(`${connectedAppsPath}?done=revoked`)
}
