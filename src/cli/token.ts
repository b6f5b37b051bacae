/**
 * `grantlog token …`: an operator makes, sees and ends the API tokens of people, through the
 * running server where there is one.
 *
 *   grantlog token create --email ada@example.com --name Backups --scopes read
 */
import { type Static, Type } from '@sinclair/typebox'
import { newId } from '../domain/ids.ts'
import { findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'
import { resourcesForApiTokens } from '../protocol/tokens/api-token-use.ts'
import { createApiToken, listApiTokens, revokeApiToken } from '../protocol/tokens/api-tokens.ts'
import { controlAction, perform } from './control.ts'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'

const refused = Type.Object({ outcome: Type.Literal('refused'), reason: Type.String() })
const shown = Type.Object({
  id: Type.String(),
  name: Type.String(),
  ends: Type.String(),
  resource: Type.String(),
  scopes: Type.Array(Type.String()),
  expiresAt: Type.Optional(Type.Integer()),
  leaked: Type.Boolean(),
})

function input<P extends Parameters<typeof Type.Object>[0]>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}

function byOperator() {
  return { actor: 'cli', correlationId: newId('cor') }
}

async function userIdOf(services: Services, email: string): Promise<string | undefined> {
  const address = normalizeEmail(email)
  return address === undefined ? undefined : (await findUserByEmail(services, address))?.userId
}

const unknown = { outcome: 'refused', reason: 'user_unknown' } as const

export const createTokenAction = controlAction({
  path: '/token/create',
  input: input({
    email: Type.String(),
    name: Type.String(),
    description: Type.String(),
    scopes: Type.Array(Type.String()),
    resource: Type.Optional(Type.String()),
    lifetimeSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  output: Type.Union([
    Type.Object({ outcome: Type.Literal('accepted'), id: Type.String(), token: Type.String() }),
    refused,
  ]),
  run: async (services, { email, resource, lifetimeSeconds, ...asked }) => {
    const userId = await userIdOf(services, email)
    if (userId === undefined) return unknown
    const [first] = resourcesForApiTokens(services.settings)
    const target = resource ?? first?.resource ?? ''
    const wish = { ...asked, userId, resource: target, lifetimeSeconds }
    const made = await createApiToken(services, wish, byOperator())
    if (made.outcome === 'refused') return made
    return { outcome: 'accepted' as const, id: made.apiTokenId, token: made.token }
  },
})

export const listTokensAction = controlAction({
  path: '/token/list',
  input: input({ email: Type.String() }),
  output: Type.Union([
    Type.Object({ outcome: Type.Literal('accepted'), tokens: Type.Array(shown) }),
    refused,
  ]),
  run: async (services, { email }) => {
    const userId = await userIdOf(services, email)
    if (userId === undefined) return unknown
    const rows = await listApiTokens(services, userId)
    const tokens = rows.map((row) => ({
      id: row.apiTokenId,
      name: row.name ?? '',
      ends: row.lastFour,
      resource: row.resource,
      scopes: row.scopes,
      ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt }),
      leaked: row.leakedAt !== null,
    }))
    return { outcome: 'accepted' as const, tokens }
  },
})

export const revokeTokenAction = controlAction({
  path: '/token/revoke',
  input: input({ id: Type.String() }),
  output: Type.Union([Type.Object({ outcome: Type.Literal('accepted') }), refused]),
  run: (services, { id }) => {
    const asked = { apiTokenId: id, reason: 'revoked_by_admin' } as const
    return revokeApiToken(services, asked, byOperator())
  },
})

const words: Readonly<Record<string, string>> = {
  user_unknown: 'nobody has this address',
  user_not_active: 'the account is disabled',
  api_tokens_off: 'api_tokens.enabled is false',
  name_missing: 'it needs a name',
  resource_unknown: 'API tokens are for no such resource',
  scope_missing: 'it needs a scope',
  scope_not_allowed: 'the person may not give one of the scopes there',
  lifetime_too_long: 'it would live for longer than api_tokens.max_lifetime_seconds',
  too_many: 'the account has as many as api_tokens.per_account allows',
  token_unknown: 'there is no such token',
  token_revoked: 'it was revoked already',
}

function complain({ terminal }: CommandContext, act: string, reason: string): ExitCode {
  terminal.complain(`Cannot ${act}: ${words[reason] ?? reason.replaceAll('_', ' ')}`)
  return exitCodes.refused
}

/** The token alone goes to standard output, so that it can be piped to where it is needed. */
export async function createToken(
  context: CommandContext,
  asked: Static<typeof createTokenAction.input>,
): Promise<ExitCode> {
  const made = await perform(context, createTokenAction, asked)
  if (made.outcome === 'refused') return complain(context, 'make the token', made.reason)
  context.terminal.print(made.token)
  context.terminal.complain(`${made.id} of ${asked.email}; its text is shown this once`)
  return exitCodes.done
}

export async function listTokens(context: CommandContext, email: string): Promise<ExitCode> {
  const found = await perform(context, listTokensAction, { email })
  if (found.outcome === 'refused') return complain(context, 'list tokens', found.reason)
  for (const { id, name, ends, resource, scopes, expiresAt, leaked } of found.tokens) {
    const end = expiresAt === undefined ? 'no end' : new Date(expiresAt).toISOString()
    const state = leaked ? 'leaked, revoked' : end
    const line = [id, JSON.stringify(name), `…${ends}`, resource, scopes.join(' '), state]
    context.terminal.print(line.join('  '))
  }
  return exitCodes.done
}

export async function revokeToken(context: CommandContext, id: string): Promise<ExitCode> {
  const outcome = await perform(context, revokeTokenAction, { id })
  if (outcome.outcome === 'refused') return complain(context, `revoke "${id}"`, outcome.reason)
  context.terminal.print(`${id} is revoked`)
  return exitCodes.done
}
