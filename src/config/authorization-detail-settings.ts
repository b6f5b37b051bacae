/**
 * What clients may ask for in particular, beside scopes: kinds of authorization details, each with
 * its fields. What a person reads at the consent is made from the names and labels here.
 *
 * @see [RFC 9396 §2 - Request Parameter "authorization_details"](https://www.rfc-editor.org/rfc/rfc9396.html#section-2)
 */
import { type Static, Type } from '@sinclair/typebox'
import type { Resource } from './resource-settings.ts'
import { flag, oneOf, text, whole } from './schema.ts'

const fieldSchema = Type.Object(
  {
    name: text({
      pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$',
      description: 'The member of the detail',
    }),
    label: text({ maxLength: 100, description: 'What people read beside the value' }),
    kind: oneOf(['text', 'number', 'choice', 'list'], { description: 'What the value is' }),
    options: Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 200 }), {
      default: {},
      maxProperties: 200,
      description: 'Values of a choice or list, each with the words that people read',
    }),
    optionsUrl: Type.Optional(
      text({
        format: 'web-url',
        description: 'Where the resource answers what a person can choose from',
      }),
    ),
    unit: Type.Optional(text({ maxLength: 20, description: 'What a number counts' })),
    required: flag({ default: true, description: 'Whether it must be there' }),
    max: whole(
      { from: 1, to: 1_000_000_000 },
      { default: 200, description: 'Characters of a text, entries of a list, most of a number' },
    ),
    chosenBy: oneOf(['client', 'person'], {
      default: 'client',
      description: 'Whether the client says it, or the person chooses it at the consent',
    }),
  },
  { additionalProperties: false },
)
export type DetailField = Static<typeof fieldSchema>

const typeSchema = Type.Object(
  {
    type: text({ maxLength: 200, description: 'The `type` that clients send' }),
    name: text({ maxLength: 100, description: 'What people read above its values' }),
    resource: Type.Optional(
      text({
        format: 'resource-id',
        description: 'The resource whose tokens carry it; without one, all of the grant',
      }),
    ),
    always: flag({
      default: false,
      description: 'Whether people are asked for it where the client did not ask',
    }),
    fields: Type.Array(fieldSchema, {
      maxItems: 30,
      default: [],
      description:
        'Each with `name`, `label`, `kind` (text, number, choice, list), `options` or `options_url`, `unit`, `required`, `max`, and `chosen_by` (client, person)',
    }),
  },
  { additionalProperties: false },
)
export type DetailType = Static<typeof typeSchema>

export const authorizationDetailTypesSetting = Type.Array(typeSchema, {
  maxItems: 50,
  default: [],
  description: 'Authorization details (RFC 9396) that clients may ask for; in the file only',
})

/** What the schema cannot say, each with its place under `authorizationDetailTypes`. */
export function detailTypeProblems(
  types: readonly DetailType[],
  resources: readonly Resource[],
): { readonly path: (string | number)[]; readonly message: string }[] {
  return types.flatMap((type, index) => {
    const isTwice = types.findIndex((other) => other.type === type.type) < index
    const isServed = type.resource === undefined || resources.some(isCalled(type.resource))
    const own = [
      ...(isTwice ? [{ path: ['type'], message: 'is there twice' }] : []),
      ...(isServed ? [] : [{ path: ['resource'], message: 'is none of the resources' }]),
      ...type.fields.flatMap((_, at) =>
        fieldProblems(type, at).map((message) => ({ path: ['fields', at], message })),
      ),
    ]
    return own.map(({ path, message }) => ({ path: [index, ...path], message }))
  })
}

function isCalled(identifier: string) {
  return ({ resource }: Resource) => resource === identifier
}

function fieldProblems({ fields, always }: DetailType, index: number): string[] {
  const field = fields[index] as DetailField
  const { name, kind, chosenBy, required } = field
  const isTwice = fields.findIndex((other) => other.name === name) < index
  const hasOptions = Object.keys(field.options).length > 0
  const isAsked = field.optionsUrl !== undefined
  const isPlain = Object.keys(field.options).every((value) => /^[\x20-\x7e]{1,200}$/.test(value))
  const byPerson = chosenBy === 'person'
  return [
    ...(name === 'type' ? ['cannot be called "type"'] : []),
    ...(isTwice ? [`"${name}" is there twice`] : []),
    ...(kind === 'choice' && !hasOptions && !isAsked ? ['a choice needs options'] : []),
    ...(isPlain ? [] : ['the values of options must be printable ASCII']),
    ...(byPerson && kind !== 'choice' ? ['a person can only choose from a choice'] : []),
    ...(isAsked && hasOptions ? ['options and options_url cannot both be there'] : []),
    ...(isAsked && !byPerson ? ['only what a person chooses has an options_url'] : []),
    ...(always && required && !byPerson ? ['nobody says it where the client did not ask'] : []),
  ]
}
