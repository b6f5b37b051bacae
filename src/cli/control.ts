/**
 * How a command reaches a server that is running: a file database belongs to one process, so
 * the command asks that process, over HTTP on a unix socket that only the same user may open.
 *
 *   grantlog user create ── POST /users ──▶ <dataDir>/control.sock ──▶ grantlog serve
 *                        ◀── 201 { user_id } | 4xx { error, message } ──
 */
import { join } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Settings } from '../config/settings.ts'
import { passwordCharactersMax, passwordCharactersMin } from '../identity/password-rules.ts'
import type { UserProblem, UserRegistrationResult } from '../identity/register-user.ts'
import type { Runtime } from '../runtimes/runtime.ts'

const bodyBytesMax = 16_384

const userRequest = Type.Object(
  { email: Type.String(), name: Type.String(), admin: Type.Boolean(), password: Type.String() },
  { additionalProperties: false },
)

export type UserRequest = Static<typeof userRequest>

/** What each refusal means, for the person at the terminal. */
export const userProblemTexts: Readonly<Record<UserProblem, string>> = {
  email_invalid: 'this is no e-mail address',
  email_taken: 'somebody has this address already',
  password_too_short: `the password has under ${passwordCharactersMin} characters`,
  password_too_long: `the password has over ${passwordCharactersMax} characters`,
  password_too_common: 'the password is among those that are tried first',
  link_used: 'the link was used already',
}

/** Where the server of these settings can be asked, or undefined for a shared database. */
export function controlSocketPath(settings: Settings): string | undefined {
  if (!settings.databaseUrl.startsWith('file:')) return undefined
  return join(settings.dataDir, 'control.sock')
}

/** The server's side. */
export function controlInterface(
  createUser: (user: UserRequest) => Promise<UserRegistrationResult>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'POST' || new URL(request.url).pathname !== '/users') {
      return refusal(404, { error: 'not_found', message: 'There is nothing here' })
    }
    const user = parsed(await request.text())
    if (!user) return refusal(400, { error: 'invalid_request', message: 'This describes no user' })
    const result = await createUser(user)
    if (result.outcome === 'accepted') {
      return Response.json({ user_id: result.userId }, { status: 201 })
    }
    return refusal(422, { error: result.reason, message: userProblemTexts[result.reason] })
  }
}

/** The command's side: undefined when no server listens there. */
export async function createUserOverSocket(
  user: UserRequest,
  at: { runtime: Runtime; path: string },
): Promise<UserRegistrationResult | undefined> {
  const request = new Request('http://localhost/users', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(user),
  })
  let response: Response
  try {
    response = await at.runtime.fetchUnix(at.path, request)
  } catch {
    return undefined
  }
  const answer: unknown = await response.json()
  if (Value.Check(Type.Object({ user_id: Type.String() }), answer)) {
    return { outcome: 'accepted', userId: answer.user_id }
  }
  if (Value.Check(Type.Object({ error: Type.String() }), answer) && isProblem(answer.error)) {
    return { outcome: 'refused', reason: answer.error }
  }
  throw new Error(`Cannot create the user: the running server answered ${response.status}`)
}

function parsed(body: string): UserRequest | undefined {
  if (body.length > bodyBytesMax) return undefined
  try {
    const value: unknown = JSON.parse(body)
    return Value.Check(userRequest, value) ? value : undefined
  } catch {
    return undefined
  }
}

function isProblem(error: string): error is UserProblem {
  return Object.hasOwn(userProblemTexts, error)
}

function refusal(status: number, body: { error: string; message: string }): Response {
  return Response.json(body, { status })
}
