/**
 * Whether a value is as a schema wants it. The validator is the one that the MCP SDK carries for
 * runtimes that make no code from text: it interprets the schema, on Bun, on Deno and in the
 * compiled program alike.
 *
 * @see [JSON Schema 2020-12 - Validation](https://json-schema.org/draft/2020-12/json-schema-validation)
 */
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker'
import type { JsonSchema } from './json-schema.ts'

/** Why a value does not fit, or undefined. */
export type SchemaCheck = (value: unknown) => string | undefined

const valueDepthMax = 32
const wordsCharsMax = 500
const validators = new CfWorkerJsonSchemaValidator({ draft: '2020-12' })
const checks = new WeakMap<JsonSchema, SchemaCheck>()

/** Made once for each schema. */
export function schemaCheck(schema: JsonSchema): SchemaCheck {
  const known = checks.get(schema)
  if (known) return known
  // The validator writes its notes into what it is given.
  const validate = validators.getValidator(structuredClone(schema))
  const check: SchemaCheck = (value) => {
    if (isDeeper(value, valueDepthMax)) return `lies more than ${valueDepthMax} levels deep`
    try {
      return validate(value).errorMessage?.slice(0, wordsCharsMax)
    } catch {
      // A schema that refers to itself without an end.
      return 'cannot be checked'
    }
  }
  checks.set(schema, check)
  return check
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}
