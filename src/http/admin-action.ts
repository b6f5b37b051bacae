/**
 * Doing what an administrator decided. An action is asked for by a link, explained on a page with
 * one form, and done by that form: for this browser, this session, this action, this subject as
 * it was when the page was shown. Sent twice it is done once: what it wants is so already then.
 */

import type { Cause } from '../domain/event-log.ts'
import { newId } from '../domain/ids.ts'
import { contextOf } from '../protocol/request-context.ts'
import type { Services } from '../protocol/services.ts'
import {
  type ActionField,
  type ActionProblem,
  actionPage,
  secretPage,
} from '../web/admin-action.tsx'
import { type AdminSection, adminHref } from '../web/admin-frame.tsx'
import type { ShownChange } from '../web/definition-changes.tsx'
import type { AdminActionName } from '../web/words/english-admin-actions.ts'
import type { AdminVisit } from './admin-gate.ts'
import { readForm } from './body.ts'
import { csrfToken } from './cookies.ts'
import { requireFresh } from './fresh-session.ts'
import { errorResponse, isOwnForm, pageResponse, seeOther } from './page-response.ts'

/** What an action is done to. */
export interface Subject {
  readonly id: string
  /** Absent where something is made. */
  readonly name?: string
  readonly back: string
  /** What of it the action depends on: when that has changed, the page is shown anew. */
  readonly seen?: string
  readonly values?: Readonly<Record<string, string>>
  /** Of a tool's definition, for whoever is to approve it. */
  readonly changes?: readonly ShownChange[]
}

export interface Asked {
  readonly subject: Subject
  readonly value: (field: ActionField) => string
  readonly cause: Cause
}

export type Done =
  | { readonly goTo: string }
  | { readonly problem: ActionProblem; readonly detail?: string }
  | { readonly clientId: string; readonly secret: string | undefined }

export interface AdminAction {
  readonly section: AdminSection
  readonly fields: readonly ActionField[]
  /** @param id as the link says it; empty where something is made */
  find(services: Services, id: string): Promise<Subject | undefined>
  run(services: Services, asked: Asked): Promise<Done>
}

/** What is about to be made: its id is chosen with the page, so that sending it twice makes one. */
export function newSubject(id: string, of: { prefix: string; back: string }): Subject | undefined {
  const { prefix, back } = of
  if (id === '') return { id: newId(prefix), back }
  return new RegExp(`^${prefix}_[0-9a-f]{32}$`).test(id) ? { id, back } : undefined
}

interface Chosen {
  readonly name: AdminActionName
  readonly action: AdminAction
}

/** The page of this action, for who comes back to it after proving anew who they are. */
function pageOf({ name }: Chosen, id: string): string {
  return `/admin/do/${name}${id === '' ? '' : `?id=${encodeURIComponent(id)}`}`
}

export async function ask(visit: AdminVisit, chosen: Chosen): Promise<Response> {
  const { services, query, request } = visit
  const fresh = await requireFresh(services, request, pageOf(chosen, query.get('id') ?? ''))
  if (fresh instanceof Response) return fresh
  const subject = await chosen.action.find(services, query.get('id') ?? '')
  if (!subject) return errorResponse(services, request, { text: 'notFound', status: 404 })
  return show(visit, chosen, { subject, values: subject.values ?? {} })
}

export async function perform(visit: AdminVisit, chosen: Chosen): Promise<Response> {
  const { services, request, mark, signedIn } = visit
  const { action } = chosen
  const form = await readForm(request, services.settings.limits.bodyBytesMax)
  const [id, seen] = [form.get('id') ?? '', form.get('seen') ?? '']
  const fresh = await requireFresh(services, request, pageOf(chosen, id))
  if (fresh instanceof Response) return fresh
  const values = Object.fromEntries(
    action.fields.map((field) => [field, (form.get(field) ?? '').trim()]),
  )
  const isOwn = isOwnForm(
    services,
    { request, form },
    { mark, purpose: purposeOf(visit, chosen, { id, seen }) },
  )
  const subject = await action.find(services, id)
  if (!subject) {
    if (isOwn) return seeOther(`/admin/${action.section}`)
    return errorResponse(services, request, { text: 'formRefused', status: 403 })
  }
  if (!isOwn || (subject.seen ?? '') !== seen) {
    return show(visit, chosen, { subject, values, problem: 'expired' })
  }
  const cause = {
    actor: `user:${signedIn.user.userId}`,
    correlationId: contextOf(request).requestId,
  }
  const value = (field: ActionField) => form.get(field)?.trim() ?? ''
  const done = await action.run(services, { subject, value, cause })
  if ('problem' in done) return show(visit, chosen, { subject, values, ...done })
  if ('goTo' in done) return seeOther(done.goTo)
  return pageResponse(
    secretPage({ ...visit.shell, ...done, goOn: adminHref('client', done.clientId) }),
  )
}

interface Shown {
  readonly subject: Subject
  readonly values: Readonly<Record<string, string>>
  readonly problem?: ActionProblem
  readonly detail?: string
}

function show(visit: AdminVisit, { name, action }: Chosen, shown: Shown): Response {
  const { shell, services, mark } = visit
  const { subject, problem, detail } = shown
  const { password: _, ...values } = shown.values
  const hidden = { id: subject.id, seen: subject.seen ?? '' }
  const html = actionPage({
    ...shell,
    section: action.section,
    action: name,
    csrf: csrfToken(services.keyring, mark.browser, purposeOf(visit, { name }, hidden)),
    hidden,
    subject: subject.name,
    fields: action.fields,
    values,
    problem,
    detail,
    back: subject.back,
    changes: subject.changes,
  })
  return pageResponse(html, { status: problem ? 400 : 200, cookies: [mark.setCookie] })
}

function purposeOf(
  { signedIn }: AdminVisit,
  { name }: Pick<Chosen, 'name'>,
  { id, seen }: { id: string; seen: string },
): string {
  return JSON.stringify(['admin', signedIn.session.sessionId, name, id, seen])
}

const reasonCharactersMax = 1000

/** What is wrong with a reason, if anything is. */
export function reasonProblem(reason: string): ActionProblem | undefined {
  if (reason === '') return 'reason_missing'
  return reason.length > reasonCharactersMax ? 'reason_too_long' : undefined
}
