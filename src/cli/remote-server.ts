/** Asks the server of `api.url` by the token of `api.token`, and complains where that comes to nothing. */
import type { CommandContext } from './program.ts'
import { readRemoteConfig } from './remote-config.ts'

const timeoutMs = 10_000

export interface RemoteAnswer {
  readonly url: string
  readonly body: unknown
}

/** @returns undefined once it was said why there is no answer */
export async function askServer(
  context: CommandContext,
  path: string,
  isAnswer: (body: unknown) => boolean,
): Promise<RemoteAnswer | undefined> {
  const { terminal } = context
  const { 'api.url': url = 'http://localhost:8484', 'api.token': token } = readRemoteConfig(context)
  if (token === undefined) {
    terminal.complain('Cannot ask: there is no token yet (grantlog config set api.token TOKEN)')
    return undefined
  }
  const response = await ask(url + path, token)
  if (!response) {
    terminal.complain(`Cannot ask: nothing answers at ${url} (grantlog config set api.url URL)`)
    return undefined
  }
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok && isAnswer(body)) return { url, body }
  const why = response.status === 401 ? 'the token is not valid there' : `it is ${response.status}`
  terminal.complain(`Cannot ask ${url}: ${why}`)
  return undefined
}

/** A redirect would take the token to where nobody said. */
async function ask(url: string, token: string): Promise<Response | undefined> {
  try {
    return await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
  } catch {
    return undefined
  }
}
