/**
 * The schemas of tools as the MCP SDK wants them. The SDK would take JSON Schema too, and check it
 * with a validator that makes code from text.
 *
 * @see [Standard Schema - The interface](https://standardschema.dev/schema)
 */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type { JsonSchema } from '../config/json-schema.ts'
import { schemaCheck } from '../config/schema-check.ts'

export type JsonObject = { readonly [name: string]: unknown }

export function standardSchema(schema: JsonSchema): StandardSchemaWithJSON<JsonObject> {
  const check = schemaCheck(schema)
  return {
    '~standard': {
      version: 1,
      vendor: 'json-schema',
      jsonSchema: { input: () => schema, output: () => schema },
      validate(value) {
        const message = check(value)
        return message === undefined ? { value: value as JsonObject } : { issues: [{ message }] }
      },
    },
  }
}
