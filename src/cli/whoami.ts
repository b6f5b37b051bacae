/** `grantlog whoami`: asks the server of `api.url` whose the token of `api.token` is. */
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'
import { readRemoteConfig } from './remote-config.ts'

const timeoutMs = 10_000

const answerSchema = Type.Object({
  sub: Type.String(),
  resource: Type.String(),
  scopes: Type.Array(Type.String()),
  api_token: Type.Optional(Type.Object({ name: Type.String(), last_four: Type.String() })),
  expires_at: Type.Union([Type.String(), Type.Null()]),
})

export async function whoami(context: CommandContext): Promise<ExitCode> {
  const { terminal } = context
  const { 'api.url': url = 'http://localhost:8484', 'api.token': token } = readRemoteConfig(context)
  if (token === undefined) {
    terminal.complain('Cannot ask: there is no token yet (grantlog config set api.token TOKEN)')
    return exitCodes.refused
  }
  const response = await ask(url, token)
  if (!response) {
    terminal.complain(`Cannot ask: nothing answers at ${url} (grantlog config set api.url URL)`)
    return exitCodes.refused
  }
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok || !Value.Check(answerSchema, answer)) {
    const why =
      response.status === 401 ? 'the token is not valid there' : `it is ${response.status}`
    terminal.complain(`Cannot ask ${url}: ${why}`)
    return exitCodes.refused
  }
  const { sub, resource, scopes, api_token, expires_at } = answer
  terminal.print(`${sub} at ${url}`)
  if (api_token) terminal.print(`token    ${api_token.name} (…${api_token.last_four})`)
  terminal.print(`for      ${resource}`)
  terminal.print(`may      ${scopes.join(' ')}`)
  terminal.print(`until    ${expires_at ?? 'it is revoked'}`)
  return exitCodes.done
}

/** A redirect would take the token to where nobody said. */
async function ask(url: string, token: string): Promise<Response | undefined> {
  try {
    return await fetch(`${url}/api/whoami`, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
  } catch {
    return undefined
  }
}
