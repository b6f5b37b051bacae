/** Authorization details between the settings' words and the consent page's form. */
import type { DetailField } from '../config/authorization-detail-settings.ts'
import type { Settings } from '../config/settings.ts'
import {
  type AuthorizationDetail,
  choicesIn,
  type Options,
  typeOf,
  withChoices,
} from '../protocol/authorization/authorization-details.ts'
import type { OptionsOf } from '../protocol/authorization/choice-options.ts'
import type { Offer } from '../protocol/authorization/offer.ts'
import type { ConsentDetail } from '../web/consent-details.tsx'

export function shownDetails(
  settings: Settings,
  offer: Offer,
  optionsOf: OptionsOf,
): ConsentDetail[] {
  const asked = offer.details.map((detail, index) => ({
    ...wordsOf(settings, detail),
    already: false,
    choices: choicesIn(settings, detail).map((field) => ({
      ...shownChoice(field, optionsOf(field)),
      field: fieldName(index, field.name),
      chosen: typeof detail[field.name] === 'string' ? String(detail[field.name]) : undefined,
    })),
  }))
  const before = offer.detailsBefore.map((detail) => ({
    ...wordsOf(settings, detail, { withChoices: true }),
    already: true,
    choices: [],
  }))
  return [...asked, ...before]
}

function shownChoice({ label, required }: DetailField, options: Options | undefined) {
  return { label, required, options: options ?? {}, unreachable: options === undefined }
}

/** What the person said to it; undefined when the form does not answer what was asked. */
export function chosenDetails(
  settings: Settings,
  { details, detailsBefore }: Offer,
  { form, optionsOf }: { form: URLSearchParams; optionsOf: OptionsOf },
): AuthorizationDetail[] | undefined {
  const chosen = (index: number, name: string) => form.get(fieldName(index, name)) || undefined
  const complete = withChoices(settings, details, { chosen, optionsOf })
  return complete && [...complete, ...detailsBefore]
}

function fieldName(index: number, name: string): string {
  return `choice-${index}-${name}`
}

function wordsOf(
  settings: Settings,
  detail: AuthorizationDetail,
  { withChoices: all = false } = {},
): Pick<ConsentDetail, 'name' | 'values'> {
  const type = typeOf(settings, detail.type)
  const fields = (type?.fields ?? []).filter(({ chosenBy }) => all || chosenBy === 'client')
  const values = fields.flatMap((field) => {
    const value = detail[field.name]
    return value === undefined ? [] : [{ label: field.label, words: inWords(field, value) }]
  })
  return { name: type?.name ?? '', values }
}

/** A value as its options and unit put it; a list has several. */
function inWords({ options, unit }: DetailField, value: unknown): string[] {
  return [value].flat().map((one) => {
    const known = typeof one === 'string' && Object.hasOwn(options, one) ? options[one] : undefined
    const text = known ?? String(one)
    return unit === undefined ? text : `${text} ${unit}`
  })
}
