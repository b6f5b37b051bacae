/**
 * JSON Schema as an operator writes it: whether it is one, said of each place where it is not.
 *
 * A keyword that is misspelt would allow what it was to forbid, so unknown ones are refused, and so
 * are formats that nobody here checks. References stay inside the schema: nothing is fetched.
 *
 * @see [JSON Schema 2020-12 - Core](https://json-schema.org/draft/2020-12/json-schema-core)
 * @see [JSON Schema 2020-12 - Validation](https://json-schema.org/draft/2020-12/json-schema-validation)
 */

/** A schema for an object: a boolean is one only further inside. */
export type JsonSchema = { readonly [keyword: string]: unknown }

export interface SchemaProblem {
  /** A JSON Pointer into the schema; empty for all of it. */
  readonly place: string
  readonly message: string
}

const dialect = 'https://json-schema.org/draft/2020-12/schema'
const schemaBytesMax = 32 * 1024
const schemaDepthMax = 20

const formats = [
  ...['date', 'time', 'date-time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6'],
  ...['uri', 'uri-reference', 'uri-template', 'uuid', 'regex'],
  ...['json-pointer', 'relative-json-pointer'],
]

const types = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']

interface Kind {
  readonly expected: string
  test(value: unknown): boolean
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isList = (value: unknown): value is unknown[] => Array.isArray(value)
const isTable = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTextList = (value: unknown) => isList(value) && value.every(isText)

const text: Kind = { expected: 'text', test: isText }
const flag: Kind = { expected: 'true or false', test: (value) => typeof value === 'boolean' }
const number: Kind = { expected: 'a number', test: Number.isFinite }
const count: Kind = {
  expected: 'a whole number, and not less than 0',
  test: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
}
const anything: Kind = { expected: 'a value', test: () => true }
const names: Kind = { expected: 'a list of names', test: isTextList }

/** Keywords that hold no schema, each with what it must be. */
const plain: Readonly<Record<string, Kind>> = {
  $schema: { expected: `"${dialect}"`, test: (value) => value === dialect },
  $comment: text,
  $anchor: {
    expected: 'a name that begins with a letter',
    test: (value) => isText(value) && /^[A-Za-z_][\w.-]*$/.test(value),
  },
  title: text,
  description: text,
  default: anything,
  examples: { expected: 'a list', test: isList },
  deprecated: flag,
  readOnly: flag,
  writeOnly: flag,
  type: {
    expected: `one of ${types.join(', ')}, or a list of them`,
    test: (value) => {
      const list = isList(value) ? value : [value]
      return list.length > 0 && list.every((name) => isText(name) && types.includes(name))
    },
  },
  enum: {
    expected: 'a list that has something in it',
    test: (value) => isList(value) && value.length > 0,
  },
  const: anything,
  minimum: number,
  maximum: number,
  exclusiveMinimum: number,
  exclusiveMaximum: number,
  multipleOf: { expected: 'a number over 0', test: (value) => Number(value) > 0 },
  minLength: count,
  maxLength: count,
  pattern: { expected: 'a regular expression', test: isPattern },
  format: {
    expected: `one of ${formats.join(', ')}`,
    test: (value) => isText(value) && formats.includes(value),
  },
  minItems: count,
  maxItems: count,
  uniqueItems: flag,
  minContains: count,
  maxContains: count,
  minProperties: count,
  maxProperties: count,
  required: names,
  dependentRequired: {
    expected: 'lists of names by name',
    test: (value) => isTable(value) && Object.values(value).every(isTextList),
  },
}

const holdsOne = [
  ...['not', 'if', 'then', 'else', 'items', 'contains', 'unevaluatedItems'],
  ...['additionalProperties', 'unevaluatedProperties', 'propertyNames'],
]
const holdsList = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const holdsTable = ['properties', 'patternProperties', '$defs', 'dependentSchemas']

/** What is wrong with a schema for an object; nothing for one that can be used. */
export function schemaProblems(schema: JsonSchema): SchemaProblem[] {
  if (JSON.stringify(schema).length > schemaBytesMax) {
    return [{ place: '', message: `has more than ${schemaBytesMax} characters` }]
  }
  const problems = problemsIn(schema, { root: schema, place: '', depth: 0 })
  if (schema.type === 'object') return problems
  return [{ place: '/type', message: 'must be "object"' }, ...problems]
}

interface Where {
  readonly root: JsonSchema
  readonly place: string
  readonly depth: number
}

function problemsIn(schema: unknown, where: Where): SchemaProblem[] {
  const { place, depth } = where
  if (typeof schema === 'boolean') return []
  if (!isTable(schema)) return [{ place, message: 'must be a schema: a table, true or false' }]
  if (depth > schemaDepthMax) {
    return [{ place, message: `lies more than ${schemaDepthMax} schemas deep` }]
  }
  return Object.entries(schema).flatMap(([keyword, value]) =>
    keywordProblems(keyword, value, { ...where, place: `${place}/${escaped(keyword)}` }),
  )
}

function keywordProblems(keyword: string, value: unknown, where: Where): SchemaProblem[] {
  const { root, place, depth } = where
  const inside = (schema: unknown, name: string) =>
    problemsIn(schema, { root, place: `${place}/${escaped(name)}`, depth: depth + 1 })
  const problem = (message: string) => [{ place, message }]
  if (keyword.startsWith('x-')) return []
  if (keyword === '$ref') {
    return isTable(referred(root, value)) ? [] : problem('must point to a schema in this one: #/…')
  }
  if (holdsOne.includes(keyword)) return problemsIn(value, { root, place, depth: depth + 1 })
  if (holdsList.includes(keyword)) {
    if (!isList(value) || value.length === 0) return problem('must be a list of schemas')
    return value.flatMap((schema, index) => inside(schema, String(index)))
  }
  if (holdsTable.includes(keyword)) {
    if (!isTable(value)) return problem('must be a table of schemas')
    const patterns = keyword === 'patternProperties' ? Object.keys(value) : []
    const wrong = patterns.filter((pattern) => !isPattern(pattern))
    return [
      ...wrong.flatMap((pattern) => problem(`"${pattern}" is no regular expression`)),
      ...Object.entries(value).flatMap(([name, schema]) => inside(schema, name)),
    ]
  }
  const kind = Object.hasOwn(plain, keyword) ? plain[keyword] : undefined
  if (!kind) return problem('is no keyword that is known here')
  return kind.test(value) ? [] : problem(`must be ${kind.expected}`)
}

/** What `#/$defs/name` points to. */
function referred(root: JsonSchema, reference: unknown): unknown {
  if (!isText(reference) || !/^#(?:\/[\w$.~-]+)*$/.test(reference)) return undefined
  let at: unknown = root
  for (const part of reference.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    at = (isTable(at) || isList(at)) && Object.hasOwn(at, name) ? at[name as never] : undefined
  }
  return at
}

function isPattern(value: unknown): boolean {
  try {
    return isText(value) && new RegExp(value, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
