/**
 * Signing in with e-mail and password. Whoever guesses is slowed down, and learns nothing: an
 * unknown address, a wrong password and a disabled account take the same time and get the same
 * answer.
 */
import { createHash } from 'node:crypto'
import { activityDecider } from '../domain/activity.ts'
import { execute } from '../domain/execute.ts'
import type { User } from '../projections/users.ts'
import { Brake } from '../protocol/brake.ts'
import { emailKey, findUserByEmail, normalizeEmail } from '../protocol/email-address.ts'
import type { Services } from '../protocol/services.ts'
import { inTurn } from './in-turn.ts'
import { passwordCharactersMax } from './password-rules.ts'

export interface Attempt {
  readonly email: string
  readonly password: string
  /** Of the person's browser. */
  readonly address: string
  readonly correlationId: string
}

export type SignInResult =
  | { readonly outcome: 'accepted'; readonly user: User }
  | { readonly outcome: 'refused'; readonly reason: 'wrong_credentials' }
  | {
      readonly outcome: 'refused'
      readonly reason: 'too_many_attempts'
      readonly retryAfterSeconds: number
    }

/** Many people may share an address (an office, a hosted platform), so it counts for less. */
const addressAllowance = 20

export async function signInWithPassword(
  services: Services,
  attempt: Attempt,
): Promise<SignInResult> {
  const email = normalizeEmail(attempt.email) ?? attempt.email.slice(0, 320)
  const account = emailKey(services.keyring, email)
  return inTurn(account, () => attemptOn(services, { ...attempt, email, account }))
}

async function attemptOn(
  services: Services,
  { account, email, ...attempt }: Attempt & { account: string },
): Promise<SignInResult> {
  const address = createHash('sha256').update(`address ${attempt.address}`).digest('base64url')
  const retryAfterSeconds = await brakeOf(services).secondsLeft([account, address])
  if (retryAfterSeconds > 0) {
    return { outcome: 'refused', reason: 'too_many_attempts', retryAfterSeconds }
  }
  const user = await findUserByEmail(services, email)
  if (await isRightPassword(services, user, attempt.password)) {
    await brakeOf(services).forget(account)
    return { outcome: 'accepted', user: user as User }
  }
  const { correlationId } = attempt
  await recordFailure(services, { account, address, correlationId, isKnown: user !== undefined })
  return { outcome: 'refused', reason: 'wrong_credentials' }
}

/** The hash of nobody's password, so that an unknown address costs what a known one does. */
const nobody: WeakMap<Services['passwords'], Promise<string>> = new WeakMap()

async function isRightPassword(
  { passwords, secrets }: Services,
  user: User | undefined,
  password: string,
): Promise<boolean> {
  const decoy = nobody.get(passwords) ?? passwords.hash('nobody has this password')
  nobody.set(passwords, decoy)
  const usable = [...password].length <= passwordCharactersMax ? password : ''
  const stored = user?.passwordSecretId ? await secrets.read(user.passwordSecretId) : undefined
  const hash = stored ? Buffer.from(stored).toString('utf8') : await decoy
  const matches = await passwords.verify(usable, hash)
  return matches && stored !== undefined && user?.status === 'active'
}

function brakeOf(services: Services): Brake {
  return new Brake(services, {
    kind: 'sign-in',
    windowSeconds: services.settings.limits.signInWindowSeconds,
  })
}

interface Failure {
  readonly account: string
  readonly address: string
  readonly correlationId: string
  /** Whether anybody has this account. */
  readonly isKnown: boolean
}

async function recordFailure(services: Services, failure: Failure): Promise<void> {
  const { observations, settings } = services
  const { signInFailuresMax: allowed } = settings.limits
  const brake = brakeOf(services)
  observations.count('failed-sign-ins')
  await brake.fail(failure.address, { allowed: allowed * addressAllowance })
  const { failures, until } = await brake.fail(failure.account, { allowed })
  // Addresses that nobody has are endless, so guessing at them is counted and leaves no event.
  if (failures === allowed && failure.isKnown) {
    await recordPause(services, failure, { failures, until })
  }
}

/** The first pause of a window is worth an event: somebody may be guessing. */
async function recordPause(
  services: Services,
  { account, correlationId }: Failure,
  { failures, until }: { failures: number; until: number },
): Promise<void> {
  const cause = { actor: 'system:sign-in', correlationId }
  const now = services.now()
  await execute<string>(services.log, cause, (work) =>
    work.decide(activityDecider, `sign-in-${account}`, {
      kind: 'pause sign-in',
      emailKey: account,
      failures,
      until,
      now,
    }),
  )
}
