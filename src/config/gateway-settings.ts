/**
 * An MCP server elsewhere that is reached by way of this one: where it is, by which credential of
 * ours, and which scope each of its tools takes.
 */
import { type Static, Type } from '@sinclair/typebox'
import { flag, oneOf, seconds, text, whole } from './schema.ts'
import type { Settings } from './settings.ts'

const name = Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,128}$' })

export const gatewayUpstreamSchema = Type.Object(
  {
    url: text({
      pattern: '^https?://[^?#\\s]+$',
      maxLength: 2000,
      description: 'Where the MCP server is reached, over Streamable HTTP',
    }),
    allowPrivate: flag({
      default: false,
      description: 'Whether it may be on a private address or this machine, and then on plain http',
    }),
    credential: oneOf(['none', 'bearer', 'header', 'exchange'], {
      default: 'none',
      description:
        'What it is shown of ours: nothing, a fixed token, a header, or a short-lived JWT about the person and the client. Never what the client sent',
    }),
    credentialEnv: Type.Optional(
      text({
        pattern: '^[A-Za-z_][A-Za-z0-9_]{0,99}$',
        description: 'The environment variable with the secret for `bearer` and `header`',
      }),
    ),
    credentialHeader: Type.Optional(
      text({
        pattern: '^[A-Za-z][A-Za-z0-9-]{0,63}$',
        description: 'The header that carries it for `header`, such as `X-Api-Key`',
      }),
    ),
    audience: Type.Optional(
      text({
        maxLength: 2000,
        pattern: '^[^\\s#]+$',
        defaultText: 'its `url`',
        description: 'The resource identifier of the server itself: the `aud` of what is signed',
      }),
    ),
    scopes: Type.Array(name, {
      maxItems: 20,
      default: [],
      description: 'What every request needs, beside `required_scopes`',
    }),
    tools: Type.Record(Type.String(), name, {
      maxProperties: 200,
      default: {},
      description:
        'The scope of each tool, by name or pattern: `{ "read_*" = "files:read" }`; the most specific counts, and a tool that none fits is not offered',
    }),
    methods: Type.Record(Type.String(), name, {
      maxProperties: 50,
      default: {},
      description:
        'The scope of other methods: `{ "resources/*" = "files:read" }`; what none fits is not offered, but for `initialize`, `ping`, `tools/list` and notifications',
    }),
    approval: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
      maxItems: 200,
      default: [],
      description: 'Tools, by name or pattern, of which each call needs the approval of the person',
    }),
    toolsList: oneOf(['filtered', 'whole'], {
      default: 'filtered',
      description: 'Whether `tools/list` shows what the token may call, or all that is offered',
    }),
    trust: oneOf(['first_use', 'review'], {
      default: 'first_use',
      description:
        'Whether a tool that was never seen before is offered at once, or once it is approved; one that has changed waits in any case',
    }),
    definitionsSeconds: seconds({
      from: 0,
      default: 60,
      description: 'How old what is known of its tools may be when one is called',
    }),
    recordArguments: oneOf(['hash', 'sealed'], {
      default: 'hash',
      description:
        'What the log keeps of arguments: a keyed hash, or the text under the key of the person too',
    }),
    recordReads: oneOf(['before', 'after'], {
      default: 'before',
      description:
        'When calls of tools that say `readOnlyHint` are written down; all others are before they are sent',
    }),
    timeoutSeconds: whole(
      { from: 1, to: 3600 },
      { default: 60, description: 'How long it may take to begin an answer' },
    ),
    streamSeconds: whole(
      { from: 10, to: 86_400 },
      { default: 3600, description: 'How long one event stream may stay open' },
    ),
    streamCheckSeconds: whole(
      { from: 1, to: 300 },
      {
        default: 20,
        description: 'How often it is looked whether the token of an open stream is still good',
      },
    ),
    streamsMax: whole(
      { from: 1, to: 100_000 },
      { default: 500, description: 'Most event streams that wait at once; of one person 20' },
    ),
    bodyBytesMax: whole(
      { from: 1024, to: 16_777_216 },
      { default: 1_048_576, description: 'Largest message to it' },
    ),
    answerBytesMax: whole(
      { from: 1024, to: 67_108_864 },
      { default: 4_194_304, description: 'Largest message from it' },
    ),
  },
  { additionalProperties: false },
)

export type GatewayUpstream = Static<typeof gatewayUpstreamSchema>

interface Problem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Where the server's own things stand: no MCP server can be served at or below one of these. */
const ownPlaces =
  /^\/(?:account|admin|agents?|api|approvals|assets|audit|authorize|consent|device(?:_authorization)?|developers|docs|health|healthz|introspect|logout|metrics|oauth2?|par|readyz|register|revoke|setup|sign-in|sign-out|switch-account|token|userinfo)(?:\/|$)/
const plainPath = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/
const pattern = /^[A-Za-z0-9_.:/*-]{1,128}$/
/** They are ours to set, or belong to the connection. */
const reservedHeaders =
  /^(?:accept.*|authorization|connection|content-.*|cookie|host|keep-alive|last-event-id|mcp-.*|te|trailer|transfer-encoding|upgrade|x-grantlog-.*)$/i

/** The path of a resource below `api_url`, or undefined where it is not there. */
export function gatewayPath({ apiUrl }: Pick<Settings, 'apiUrl'>, resource: string) {
  const path = resource.startsWith(`${apiUrl}/`) ? resource.slice(apiUrl.length) : ''
  return plainPath.test(path) ? path : undefined
}

/** The paths at which MCP servers elsewhere are reached. */
export function gatewayPaths(settings: Pick<Settings, 'apiUrl' | 'resources'>): string[] {
  return settings.resources
    .filter(({ upstream }) => upstream !== undefined)
    .flatMap(({ resource }) => gatewayPath(settings, resource) ?? [])
}

/** What the schema cannot say of them. */
export function gatewayProblems(settings: Settings): Problem[] {
  return settings.resources.flatMap(({ resource, scopes, upstream }, index) => {
    if (upstream === undefined) return []
    const at = (field: string, message: string): Problem => ({
      path: ['resources', index, 'upstream', ...(field === '' ? [] : [field])],
      message,
    })
    return [
      ...placeProblems(settings, resource).map((message) => at('', message)),
      ...credentialProblems(upstream).map(([field, message]) => at(field, message)),
      ...scopesIn(upstream)
        .filter(([, scope]) => !Object.hasOwn(scopes, scope))
        .map(([field, scope]) => at(field, `"${scope}" is none of its resource's scopes`)),
      ...patternsIn(upstream)
        .filter(([, text]) => !pattern.test(text))
        .map(([field, text]) => at(field, `"${text}" is no name or pattern`)),
    ]
  })
}

function placeProblems(settings: Settings, resource: string): string[] {
  const path = gatewayPath(settings, resource)
  if (path === undefined) return ['is for a resource with a plain path below api_url']
  if (ownPlaces.test(path)) return [`cannot be at "${path}": endpoints of the server stand there`]
  if (settings.role === 'api' && !path.startsWith('/mcp')) {
    return ['must be below /mcp where a front has a host of its own']
  }
  return []
}

function credentialProblems(upstream: GatewayUpstream): [keyof GatewayUpstream | '', string][] {
  const { url, allowPrivate, credential, credentialEnv, credentialHeader } = upstream
  const needsSecret = credential === 'bearer' || credential === 'header'
  const problems: [keyof GatewayUpstream | '', string][] = []
  const { username, password } = URL.parse(url) ?? { username: url }
  if (username || password) problems.push(['url', 'is no URL, or has credentials in it'])
  if (url.startsWith('http:') && !allowPrivate) {
    problems.push(['url', 'is plain http, which needs allow_private'])
  }
  if (needsSecret && credentialEnv === undefined) {
    problems.push(['', `credential_env is missing; "${credential}" needs it`])
  }
  if (credential === 'header' && credentialHeader === undefined) {
    problems.push(['', 'credential_header is missing; "header" needs it'])
  }
  if (credentialHeader !== undefined && reservedHeaders.test(credentialHeader)) {
    problems.push(['credentialHeader', 'is a header that means something else'])
  }
  return problems
}

function scopesIn({ scopes, tools, methods }: GatewayUpstream): [string, string][] {
  return [
    ...scopes.map((scope): [string, string] => ['scopes', scope]),
    ...Object.values(tools).map((scope): [string, string] => ['tools', scope]),
    ...Object.values(methods).map((scope): [string, string] => ['methods', scope]),
  ]
}

function patternsIn({ tools, methods, approval }: GatewayUpstream): [string, string][] {
  return [
    ...Object.keys(tools).map((text): [string, string] => ['tools', text]),
    ...Object.keys(methods).map((text): [string, string] => ['methods', text]),
    ...approval.map((text): [string, string] => ['approval', text]),
  ]
}
