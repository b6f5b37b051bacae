/** `grantlog whoami`: asks the server of `api.url` whose the token of `api.token` is. */
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'
import { askServer } from './remote-server.ts'

const answerSchema = Type.Object({
  sub: Type.String(),
  resource: Type.String(),
  scopes: Type.Array(Type.String()),
  api_token: Type.Optional(Type.Object({ name: Type.String(), last_four: Type.String() })),
  expires_at: Type.Union([Type.String(), Type.Null()]),
})

export async function whoami(context: CommandContext): Promise<ExitCode> {
  const { terminal } = context
  const isAnswer = (body: unknown) => Value.Check(answerSchema, body)
  const answer = await askServer(context, '/api/whoami', isAnswer)
  if (!answer) return exitCodes.refused
  const { sub, resource, scopes, api_token, expires_at } = answer.body as Static<
    typeof answerSchema
  >
  terminal.print(`${sub} at ${answer.url}`)
  if (api_token) terminal.print(`token    ${api_token.name} (…${api_token.last_four})`)
  terminal.print(`for      ${resource}`)
  terminal.print(`may      ${scopes.join(' ')}`)
  terminal.print(`until    ${expires_at ?? 'it is revoked'}`)
  return exitCodes.done
}
