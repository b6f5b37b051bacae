/**
 * TypeBox as the MCP SDK wants its schemas. The SDK would do with JSON Schema and its own Ajv, but
 * then arguments had no type and a second validator would come along.
 *
 * @see [Standard Schema - The interface](https://standardschema.dev/schema)
 */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type { Static, TObject } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'

export function standardSchema<S extends TObject>(schema: S): StandardSchemaWithJSON<Static<S>> {
  const compiled = TypeCompiler.Compile(schema)
  const plain: Record<string, unknown> = JSON.parse(JSON.stringify(schema))
  return {
    '~standard': {
      version: 1,
      vendor: 'typebox',
      jsonSchema: { input: () => plain, output: () => plain },
      validate(value) {
        if (compiled.Check(value)) return { value }
        const issues = [...compiled.Errors(value)].map(({ path, message }) => ({
          message,
          path: path.split('/').slice(1),
        }))
        return { issues }
      },
    },
  }
}
