/** The tokens that people make for their own scripts and command lines. */
import { Type } from '@sinclair/typebox'
import { scopeName } from './resource-settings.ts'
import { day, flag, group, oneOf, seconds, text, whole } from './schema.ts'

/** Where one may be presented: this server's own MCP endpoint, and everything else. */
export const apiTokenPlaces = ['rest', 'mcp'] as const
export type ApiTokenPlace = (typeof apiTokenPlaces)[number]

export const apiTokensSchema = group({
  enabled: flag({
    default: true,
    description: 'Whether people may make API tokens; while not, those that there are open nothing',
  }),
  manageByToken: flag({
    default: true,
    description:
      'Whether access tokens of scope `tokens:manage`, for `<api_url>/api/tokens`, may look after API tokens',
  }),
  acceptedOn: Type.Array(oneOf(apiTokenPlaces, { description: 'A place' }), {
    maxItems: apiTokenPlaces.length,
    default: [...apiTokenPlaces],
    description:
      'Where they count: `mcp` is `/api/mcp`, `rest` everything else that takes access tokens, introspection and `/api/verify` among it',
  }),
  prefix: text({
    pattern: '^[a-z][a-z0-9]{0,15}(_[a-z0-9]{1,16})?$',
    defaultText: '`<token_prefix>_live`',
    description: 'How they begin, for secret scanners',
  }),
  perAccount: whole({ from: 1, to: 500 }, { default: 50, description: 'How many one may have' }),
  reshow: flag({
    default: false,
    description:
      'Whether a person may see a token again; whoever has database and server secret could then too',
  }),
  defaultLifetimeSeconds: seconds({
    from: 0,
    default: 90 * day,
    description: 'How long one lives where nobody says otherwise; 0 for no end',
  }),
  maxLifetimeSeconds: seconds({
    from: 0,
    default: 0,
    description: 'How long one may live at most; 0 for no limit',
  }),
  maxOverlapSeconds: whole(
    { from: 0, to: 30 * day },
    {
      default: 7 * day,
      description: 'How long the old text may stay good beside one that was regenerated',
    },
  ),
  leakReportKeysUrl: Type.Optional(
    text({
      pattern: '^https://\\S{1,500}$',
      description:
        'Where the secret scanner whose reports count publishes its keys, as `https://api.github.com/meta/public_keys/secret_scanning`; unsigned reports are then refused. Anybody may report when absent',
    }),
  ),
  scopes: Type.Array(scopeName, {
    maxItems: 100,
    default: [],
    description: 'The scopes that one may have; all of the resources’ own when empty',
  }),
})
