/**
 * Authorization details: what a client asks for in particular, such as an amount, an account, a
 * tool. Only what the settings describe gets in, in one order and with nothing added, so that two
 * of them are the same when their text is.
 *
 *   asked ── read, checked ──▶ shown, the person's own choices merged ──▶ granted, never widened
 *
 * @see [RFC 9396 §2 - Request Parameter "authorization_details"](https://www.rfc-editor.org/rfc/rfc9396.html#section-2)
 * @see [RFC 9396 §5 - Authorization Error Response](https://www.rfc-editor.org/rfc/rfc9396.html#section-5)
 */
import type { DetailField, DetailType } from '../../config/authorization-detail-settings.ts'
import type { Settings } from '../../config/settings.ts'
import type { Access } from '../../domain/access.ts'
import { OAuthError } from '../oauth-error.ts'

export type AuthorizationDetail = Record<string, unknown>
/** Values, each with the words that people read. */
export type Options = DetailField['options']

export const detailsCharactersMax = 8192
export const detailCountMax = 10
const entryCharactersMax = 200

interface Asking {
  readonly access: readonly Access[]
  /** The ones that the client registered; undefined for all. */
  readonly typesOfClient: readonly string[] | undefined
}

/**
 * What is asked, with the types that people are always asked for.
 * @throws {OAuthError} invalid_authorization_details
 */
export function readAuthorizationDetails(
  { authorizationDetailTypes: types }: Settings,
  text: string | undefined,
  { access, typesOfClient }: Asking,
): AuthorizationDetail[] {
  const isFor = ({ resource }: DetailType) =>
    resource === undefined || access.some((a) => a.resource === resource)
  const offered = types.filter(
    (type) => isFor(type) && (typesOfClient === undefined || typesOfClient.includes(type.type)),
  )
  const asked = text === undefined ? [] : parseDetails(text).map((d) => readDetail(d, offered))
  const always = types
    .filter((type) => type.always && isFor(type) && !asked.some((d) => d.type === type.type))
    .map(({ type }) => ({ type }))
  return [...asked, ...always]
}

/** @throws {OAuthError} invalid_authorization_details */
export function parseDetails(text: string): AuthorizationDetail[] {
  let parsed: unknown
  try {
    parsed = text.length > detailsCharactersMax ? undefined : JSON.parse(text)
  } catch {
    parsed = undefined
  }
  const isDetail = (value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const isList = Array.isArray(parsed) && parsed.length > 0 && parsed.every(isDetail)
  if (!isList || (parsed as unknown[]).length > detailCountMax) {
    throw refused(`must be a JSON array of at most ${detailCountMax} objects`)
  }
  return parsed as AuthorizationDetail[]
}

function readDetail(detail: AuthorizationDetail, offered: readonly DetailType[]) {
  const found = offered.find(({ type }) => type === detail.type)
  if (!found) throw refused('names a type that cannot be asked for here')
  const known = found.fields.map(({ name }) => name)
  if (Object.keys(detail).some((name) => name !== 'type' && !known.includes(name))) {
    throw refused(`of this type may hold ${['type', ...known].join(', ')} and nothing else`)
  }
  const read: AuthorizationDetail = { type: found.type }
  for (const field of found.fields) {
    const value = Object.hasOwn(detail, field.name) ? detail[field.name] : undefined
    if (value === undefined) {
      if (field.required && field.chosenBy === 'client') throw refused(`needs ${field.name}`)
    } else if (!fits(field, value)) {
      throw refused(`has a ${field.name} that is no ${field.kind} as it should be`)
    } else {
      read[field.name] = value
    }
  }
  return read
}

function fits(field: DetailField, value: unknown): boolean {
  const { kind, options, max, optionsUrl } = field
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value !== '' && value.length <= max
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= max
    case 'choice':
      if (typeof value !== 'string') return false
      // What the resource has on offer is known when the person is asked.
      return optionsUrl === undefined
        ? Object.hasOwn(options, value)
        : /^[\x20-\x7e]{1,200}$/.test(value)
    case 'list':
      return (
        Array.isArray(value) && value.length > 0 && value.length <= max && isSet(value, options)
      )
    default:
      return kind satisfies never
  }
}

function isSet(values: readonly unknown[], options: Options): boolean {
  const isFree = Object.keys(options).length === 0
  const isGood = (value: unknown) =>
    typeof value === 'string' &&
    value !== '' &&
    value.length <= entryCharactersMax &&
    (isFree || Object.hasOwn(options, value))
  return values.every(isGood) && new Set(values).size === values.length
}

function refused(words: string): OAuthError {
  return new OAuthError('invalid_authorization_details', `authorization_details ${words}`)
}

// What a person adds

/** The choices that a page offers for a detail. */
export function choicesIn(settings: Settings, { type }: AuthorizationDetail): DetailField[] {
  return typeOf(settings, type)?.fields.filter(({ chosenBy }) => chosenBy === 'person') ?? []
}

/**
 * The details with the person's choices in them; undefined when one is missing or not on offer.
 * One in which nothing was said or chosen is left out: it would allow nothing in particular.
 */
export function withChoices(
  settings: Settings,
  details: readonly AuthorizationDetail[],
  {
    chosen,
    optionsOf,
  }: {
    chosen: (index: number, field: string) => string | undefined
    /** Undefined for what cannot be had now. */
    optionsOf: (field: DetailField) => Options | undefined
  },
): AuthorizationDetail[] | undefined {
  const complete: AuthorizationDetail[] = []
  for (const [index, detail] of details.entries()) {
    const merged = { ...detail }
    for (const field of choicesIn(settings, detail)) {
      const { name, required } = field
      const value = chosen(index, name)
      delete merged[name]
      if (value === undefined && required) return undefined
      if (value === undefined) continue
      if (!Object.hasOwn(optionsOf(field) ?? {}, value)) return undefined
      merged[name] = value
    }
    const isChoiceOnly = choicesIn(settings, detail).length > 0
    if (!isChoiceOnly || Object.keys(merged).length > 1) complete.push(merged)
  }
  return complete
}

/** Whether the client asks for what was granted, whatever the person chose there. */
export function isSameAsked(
  settings: Settings,
  asked: readonly AuthorizationDetail[],
  granted: readonly AuthorizationDetail[],
): boolean {
  const said = (details: readonly AuthorizationDetail[]) =>
    details.map((detail) => textOf(withoutChoices(settings, detail))).sort()
  return JSON.stringify(said(asked)) === JSON.stringify(said(granted))
}

function withoutChoices(settings: Settings, detail: AuthorizationDetail): AuthorizationDetail {
  const chosen = choicesIn(settings, detail).map(({ name }) => name)
  return Object.fromEntries(Object.entries(detail).filter(([name]) => !chosen.includes(name)))
}

// What a token carries

/** The ones that a token for this resource carries. */
export function detailsAt(
  settings: Settings,
  details: readonly AuthorizationDetail[] | null | undefined,
  resource: string,
): AuthorizationDetail[] {
  return (details ?? []).filter(({ type }) => {
    const only = typeOf(settings, type)?.resource
    return only === undefined || only === resource
  })
}

/**
 * Which of the granted ones a token request asks for, by their place; undefined for all.
 * @throws {OAuthError} invalid_authorization_details for one that was not granted
 * @see [RFC 9396 §6 - Token Request](https://www.rfc-editor.org/rfc/rfc9396.html#section-6)
 */
export function narrowed(
  granted: readonly AuthorizationDetail[] | null | undefined,
  text: string | undefined,
): number[] | undefined {
  if (text === undefined) return undefined
  const all = (granted ?? []).map(textOf)
  const asked = parseDetails(text).map((detail) => all.indexOf(textOf(detail)))
  if (asked.includes(-1)) throw refused('holds one that was not granted')
  const places = [...new Set(asked)].sort((a, b) => a - b)
  return places.length < all.length ? places : undefined
}

/** The same text for the same detail, in whatever order it was sent. */
function textOf(detail: AuthorizationDetail): string {
  return JSON.stringify(Object.entries(detail).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export function typeOf(settings: Settings, type: unknown): DetailType | undefined {
  return settings.authorizationDetailTypes.find((known) => known.type === type)
}
