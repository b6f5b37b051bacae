/**
 * The pages on which a person makes, renews and ends API tokens. Each form is answered with a
 * redirect; what the new token is derived from waits for the one page that shows it, a few minutes
 * at most and for this session alone, and the token itself is kept nowhere.
 *
 * @see [RFC 6750 §5.3 - Summary of Recommendations](https://www.rfc-editor.org/rfc/rfc6750.html#section-5.3)
 */
import { Elysia } from 'elysia'
import { botAddressOf } from '../config/bot-settings.ts'
import { type ApiToken, countApiTokens, findApiTokensOf } from '../projections/api-tokens.ts'
import type { Services } from '../protocol/services.ts'
import {
  acknowledgeLeak,
  createApiToken,
  findOwn,
  type MadeApiToken,
  regenerateApiToken,
  revokeApiToken,
  textOf,
} from '../protocol/tokens/api-tokens.ts'
import { showApiToken } from '../protocol/tokens/show-api-token.ts'
import type { ApiTokenDerivation } from '../protocol/tokens/token-text.ts'
import { apiTokenPage } from '../web/api-token.tsx'
import {
  type ApiTokenPageProblem,
  apiTokensPage,
  apiTokensPath as keysPath,
  newApiTokenPage,
} from '../web/api-tokens.tsx'
import { copyScript } from '../web/copy-script.ts'
import {
  formData,
  lifetimesOf,
  overlapsOf,
  pageProblem,
  shownToken,
  snippetsFor,
} from './api-token-view.ts'
import { readForm } from './body.ts'
import { csrfToken } from './cookies.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther } from './page-response.ts'
import { visitorShell } from './visitor.ts'
import { causeOf, type Here, whoIsHere } from './who-is-here.ts'

const raw = { parse: 'none' } as const
const rowsPerPage = 25
const revealKind = 'api_token_reveal'
const revealMs = 10 * 60 * 1000

type Context = { request: Request }
type TokenContext = Context & { params: { id: string } }

export function developerKeys(services: Services) {
  const asOwner =
    (answer: (here: Here, id: string) => Promise<Response>) =>
    async ({ request, params }: Context & { params?: { id?: string } }) => {
      const here = await whoseKeys(services, request)
      return here instanceof Response ? here : answer(here, params?.id ?? '')
    }
  const change =
    (act: (here: Here, row: ApiToken, form: URLSearchParams) => Promise<Response>) =>
    ({ request, params: { id } }: TokenContext) =>
      changeToken(services, request, { id, act })
  return new Elysia({ name: 'developer-keys' })
    .get(copyScript.path, () => new Response(copyScript.body, { headers: copyScript.headers }))
    .get(
      keysPath,
      asOwner((here) => showList(services, here)),
    )
    .post(keysPath, ({ request }) => create(services, request), raw)
    .get(
      `${keysPath}/new`,
      asOwner((here) => showForm(services, here)),
    )
    .get(
      `${keysPath}/:id`,
      asOwner((here, id) => open(services, here, id)),
    )
    .post(`${keysPath}/:id/regenerate`, change(regenerate(services)), raw)
    .post(`${keysPath}/:id/delete`, change(remove(services)), raw)
    .post(`${keysPath}/:id/acknowledge`, change(acknowledge(services)), raw)
}

async function whoseKeys(
  services: Services,
  request: Request,
  page?: string,
): Promise<Here | Response> {
  if (!services.settings.apiTokens.enabled) {
    return errorResponse(services, request, { text: 'notFound', status: 404 })
  }
  return whoIsHere(services, request, page)
}

async function showList(services: Services, here: Here): Promise<Response> {
  const [{ reader }, { userId }] = [services, here]
  const { count, hasLeaked } = await countApiTokens(reader, userId)
  const pages = Math.max(1, Math.ceil(count / rowsPerPage))
  const asked = Number(new URL(here.request.url).searchParams.get('page') ?? 1)
  const page = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), pages) : 1
  const offset = (page - 1) * rowsPerPage
  const rows = await findApiTokensOf(reader, { userId, rowsMax: rowsPerPage, offset })
  const [only] = rows
  if (services.settings.apiTokens.perAccount === 1 && only) {
    return seeOther(`${keysPath}/${only.apiTokenId}`)
  }
  const html = apiTokensPage({
    ...visitorShell(services, here.request, here.signedIn),
    tokens: await Promise.all(rows.map((row) => shownToken(services, row))),
    botAddress: botAddressOf(services.settings),
    hasLeaked,
    page,
    pages,
  })
  return pageResponse(html, { cookies: [here.mark.setCookie] })
}

async function showForm(
  services: Services,
  here: Here,
  shown: { form?: URLSearchParams; problem?: ApiTokenPageProblem } = {},
): Promise<Response> {
  const { request, mark, userId } = here
  const asked = shown.form ?? new URL(request.url).searchParams
  const html = newApiTokenPage({
    ...visitorShell(services, request, here.signedIn),
    ...(await formData(services, { userId, asked, isAgain: shown.form !== undefined })),
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(here)),
    problem: shown.problem,
  })
  const status = shown.problem === undefined ? 200 : 400
  return pageResponse(html, { status, cookies: [mark.setCookie] })
}

async function create(services: Services, request: Request): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const here = await whoseKeys(services, request)
  if (here instanceof Response) return here
  const { mark, userId } = here
  if (!isOwnForm(services, { request, form }, { mark, purpose: purposeOf(here) })) {
    return showForm(services, here, { form, problem: 'expired' })
  }
  const wish = {
    userId,
    name: form.get('name') ?? '',
    description: form.get('description') ?? '',
    resource: form.get('resource') ?? '',
    scopes: form.getAll('scope'),
    lifetimeSeconds: secondsIn(form, 'expires_in'),
  }
  const made = await createApiToken(services, wish, causeOf(here))
  if (made.outcome === 'refused') {
    return showForm(services, here, { form, problem: pageProblem(made.reason) })
  }
  return reveal(services, here, made)
}

/** Sends the browser on to the page of the token, and lets that page show its text. */
async function reveal(services: Services, here: Here, made: MadeApiToken): Promise<Response> {
  const { apiTokenId, derivation } = made
  const body: Reveal = { derivation, sessionId: here.signedIn.session.sessionId }
  const expiresAt = services.now() + revealMs
  await services.expiring.put({ kind: revealKind, id: apiTokenId, body, expiresAt })
  return seeOther(`${keysPath}/${apiTokenId}`)
}

interface Reveal {
  readonly derivation: ApiTokenDerivation
  readonly sessionId: string
}

/** What waits for this session, once. */
async function takeReveal(
  { expiring }: Services,
  here: Here,
  apiTokenId: string,
): Promise<ApiTokenDerivation | undefined> {
  const waiting = (await expiring.get(revealKind, apiTokenId)) as Reveal | undefined
  if (waiting?.sessionId !== here.signedIn.session.sessionId) return undefined
  const taken = (await expiring.take(revealKind, apiTokenId)) as Reveal | undefined
  return taken?.derivation
}

async function open(services: Services, here: Here, id: string): Promise<Response> {
  const row = await findOwn(services, { apiTokenId: id, userId: here.userId })
  if (!row) return errorResponse(services, here.request, { text: 'notFound', status: 404 })
  const kept = await takeReveal(services, here, id)
  const text = kept ? textOf(services, row, kept) : await showApiToken(services, row, causeOf(here))
  return showToken(services, here, { row, text })
}

async function showToken(
  services: Services,
  here: Here,
  {
    row,
    text,
    problem,
  }: { row: ApiToken; text?: string | undefined; problem?: ApiTokenPageProblem },
): Promise<Response> {
  const { settings, keyring } = services
  const html = apiTokenPage({
    ...visitorShell(services, here.request, here.signedIn),
    token: await shownToken(services, row),
    csrf: csrfToken(keyring, here.mark.browser, purposeOf(here, row.apiTokenId)),
    generation: row.generation,
    text,
    reshow: settings.apiTokens.reshow,
    snippets: text === undefined ? undefined : snippetsFor(settings, row, text),
    ...lifetimesOf(settings),
    overlaps: overlapsOf(settings),
    problem,
  })
  const status = problem === undefined ? 200 : 400
  const runsScript = text !== undefined
  return pageResponse(html, { status, runsScript, cookies: [here.mark.setCookie] })
}

interface Change {
  readonly id: string
  readonly act: (here: Here, row: ApiToken, form: URLSearchParams) => Promise<Response>
}

async function changeToken(
  services: Services,
  request: Request,
  { id, act }: Change,
): Promise<Response> {
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const here = await whoseKeys(services, request, `${keysPath}/${id}`)
  if (here instanceof Response) return here
  const row = await findOwn(services, { apiTokenId: id, userId: here.userId })
  // Deleted already, by the same form sent twice for one: the list shows what there is.
  if (!row) return seeOther(keysPath)
  const isOwn = isOwnForm(
    services,
    { request, form },
    { mark: here.mark, purpose: purposeOf(here, id) },
  )
  return isOwn ? act(here, row, form) : showToken(services, here, { row, problem: 'expired' })
}

function regenerate(services: Services): Change['act'] {
  return async (here, row, form) => {
    const asked = {
      apiTokenId: row.apiTokenId,
      userId: here.userId,
      generation: Number(form.get('generation')),
      overlapSeconds: secondsIn(form, 'overlap') ?? 0,
      lifetimeSeconds: secondsIn(form, 'expires_in'),
    }
    const made = await regenerateApiToken(services, asked, causeOf(here))
    if (made.outcome === 'accepted') return reveal(services, here, made)
    return showToken(services, here, { row, problem: pageProblem(made.reason) })
  }
}

function remove(services: Services): Change['act'] {
  return async (here, { apiTokenId }) => {
    const asked = { apiTokenId, userId: here.userId, reason: 'revoked_by_user' } as const
    await revokeApiToken(services, asked, causeOf(here))
    return seeOther(keysPath)
  }
}

function acknowledge(services: Services): Change['act'] {
  return async (here, { apiTokenId }) => {
    await acknowledgeLeak(services, { apiTokenId, userId: here.userId }, causeOf(here))
    return seeOther(keysPath)
  }
}

function purposeOf({ signedIn }: Here, apiTokenId = ''): string {
  return `api-tokens ${signedIn.session.sessionId} ${apiTokenId}`
}

/** A whole number, or what the operator gives by default where it is none. */
function secondsIn(form: URLSearchParams, name: string): number | undefined {
  const text = form.get(name) ?? ''
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined
}
