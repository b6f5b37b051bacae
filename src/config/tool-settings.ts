/**
 * The tools that MCP clients are offered, as an operator declares them: what each is called, which
 * scope it takes, what goes in and comes out, and what it does.
 *
 * @see [MCP 2026-07-28 - Tools](https://modelcontextprotocol.io/specification/2026-07-28/server/tools)
 */
import { type Static, Type } from '@sinclair/typebox'
import { builtinAnnotations, builtinNames, builtins, jobAnswerSchema } from './builtin-tools.ts'
import type { JsonSchema } from './json-schema.ts'
import { scopeName } from './resource-settings.ts'
import { flag, oneOf, text, whole } from './schema.ts'

const schemaSetting = (options: { description: string; defaultText?: string }) =>
  Type.Unsafe<JsonSchema>(Type.Record(Type.String(), Type.Unknown(), options))

const annotationsSchema = Type.Object(
  {
    readOnlyHint: flag({ default: false, description: 'Whether it changes nothing' }),
    destructiveHint: flag({ default: true, description: 'Whether it may undo or overwrite' }),
    idempotentHint: flag({ default: false, description: 'Whether twice is the same as once' }),
    openWorldHint: flag({ default: true, description: 'Whether it reaches other systems' }),
  },
  {
    default: {},
    additionalProperties: false,
    description:
      'What clients are told of it, and may believe: `read_only_hint`, `destructive_hint`, `idempotent_hint`, `open_world_hint`',
  },
)

const endpointSchema = Type.Object(
  {
    url: text({ pattern: '^https?://[^\\s#]+$', maxLength: 2000, description: 'What is called' }),
    method: oneOf(['POST', 'PUT', 'PATCH'], { default: 'POST', description: 'How it is called' }),
    headers: Type.Record(
      Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$" }),
      Type.String({ pattern: '^[\\x20-\\x7e]{0,4000}$' }),
      {
        default: {},
        secret: true,
        additionalProperties: false,
        maxProperties: 20,
        description: 'Headers to send',
      },
    ),
    timeoutSeconds: whole(
      { from: 1, to: 60 },
      { default: 10, description: 'How long the answer may take' },
    ),
    recordArguments: oneOf(['hash', 'sealed'], {
      default: 'hash',
      description:
        'What the log keeps of arguments: a keyed hash, or the text under the key of the person too',
    }),
    recordReads: oneOf(['before', 'after'], {
      default: 'before',
      description:
        'When calls are written down if the tool says `read_only_hint`; all others are before they are sent',
    }),
  },
  {
    additionalProperties: false,
    description:
      'An endpoint that gets the arguments as JSON and answers a JSON object: `url`, `method` (POST, PUT, PATCH), `headers` (a variable of the environment stands in braces after a `$`), `timeout_seconds`, `record_arguments` (hash, sealed), `record_reads` (before, after). A host that is private must be one of `outbound.allowed_hosts`',
  },
)
export type ToolEndpoint = Static<typeof endpointSchema>

export const toolSchema = Type.Object(
  {
    name: text({
      pattern: '^[A-Za-z0-9_.-]{1,64}$',
      description: 'What clients call; once for each resource',
    }),
    title: text({
      maxLength: 100,
      defaultText: "a built-in one's own",
      description: 'What people read',
    }),
    description: text({
      maxLength: 2000,
      defaultText: "a built-in one's own",
      description: 'What a model reads who is to choose among tools',
    }),
    resource: text({
      format: 'resource-id',
      default: '/api/mcp',
      description: 'The resource that offers it: `/api/mcp`, or one below that',
    }),
    scope: Type.Unsafe<string>({ ...scopeName, description: 'The scope that a call takes' }),
    annotations: annotationsSchema,
    inputSchema: schemaSetting({
      defaultText: "a built-in one's own",
      description: 'What the arguments must be: JSON Schema 2020-12, as a table or as JSON text',
    }),
    outputSchema: Type.Optional(
      schemaSetting({ description: 'What the answer of an endpoint must be, in the same way' }),
    ),
    job: flag({
      default: false,
      description: 'Whether a call queues a job and answers `jobId` and `status` at once',
    }),
    approval: flag({
      default: false,
      description:
        'Whether the person approves each call: a job begins only then, and an endpoint is called once',
    }),
    http: Type.Optional(endpointSchema),
    builtin: Type.Optional(
      oneOf(builtinNames, { description: 'What the server itself answers about jobs' }),
    ),
  },
  { additionalProperties: false },
)

export type ToolSetting = Static<typeof toolSchema>

/** A tool as somebody declares it. */
export type GivenTool = Pick<ToolSetting, 'name' | 'scope'> &
  Partial<Omit<ToolSetting, 'annotations' | 'http'>> & {
    readonly annotations?: Partial<ToolSetting['annotations']>
    readonly http?: Partial<ToolEndpoint>
  }

export const toolsSetting = Type.Array(toolSchema, {
  maxItems: 100,
  defaultText: '`book_restaurant`, `get_job_status` and `get_job_audit`',
  description: 'The tools that MCP clients are offered; in the file only',
})

/** Puts what follows from the rest in the place of everything not said. Nothing is checked. */
export function completeTool(tool: ToolSetting): void {
  const { builtin, annotations } = tool
  tool.inputSchema = parsed(tool.inputSchema)
  if (tool.outputSchema !== undefined) tool.outputSchema = parsed(tool.outputSchema)
  else if (tool.job) tool.outputSchema = jobAnswerSchema
  if (builtin === undefined || !Object.hasOwn(builtins, builtin)) return
  const { title, description, inputSchema, outputSchema } = builtins[builtin]
  tool.title ??= title
  tool.description ??= description
  tool.inputSchema ??= inputSchema
  tool.outputSchema ??= outputSchema
  if (typeof annotations === 'object') Object.assign(annotations, builtinAnnotations)
}

/** JSON text as what it stands for; what is none stays for the check to find. */
function parsed(schema: JsonSchema): JsonSchema {
  if (typeof schema !== 'string') return schema
  try {
    return JSON.parse(schema)
  } catch {
    return schema
  }
}
