/**
 * The sign-in page. An unknown account and a wrong password get the same words, so that the page
 * tells nobody which accounts exist.
 * @see [OWASP ASVS 5.0 §6.3 - General Authentication Security](https://github.com/OWASP/ASVS)
 */
import { HiddenFields, Problem, TextField } from './form.tsx'
import { Foreign, renderPage } from './layout.tsx'
import { durationInWords } from './time.tsx'

export type SignInProblem = 'wrong_credentials' | 'too_many_attempts' | 'expired'

export interface SignInPageData {
  readonly brand: string
  readonly action: string
  readonly csrf: string
  readonly email?: string | undefined
  readonly problem?: SignInProblem | undefined
  /** With `too_many_attempts`: when the next attempt counts. */
  readonly retryAfterSeconds?: number | undefined
  /** The client that waits for an answer, if one does. */
  readonly client?: { readonly name: string } | undefined
  /** Carried through the form: where to go on afterwards. */
  readonly hidden?: Readonly<Record<string, string>> | undefined
}

export function signInPage(data: SignInPageData): string {
  const { brand, action, csrf, email, problem, client, hidden } = data
  const wrong = problem === 'wrong_credentials'
  return renderPage({
    brand,
    title: problem ? 'Problem: Sign in' : 'Sign in',
    children: (
      <article class="card">
        <h1>Sign in</h1>
        {client && (
          <p class="lead">
            to continue to{' '}
            <strong>
              <Foreign text={client.name.trim() || 'an app without a name'} />
            </strong>
          </p>
        )}
        {problem && <Problem>{problemText(problem, data.retryAfterSeconds)}</Problem>}
        <form method="post" action={action}>
          <HiddenFields fields={{ ...hidden, csrf }} />
          <TextField
            name="email"
            label="Email"
            type="email"
            autocomplete="username"
            value={email}
            focused={!email}
            wrong={wrong}
          />
          <TextField
            name="password"
            label="Password"
            type="password"
            autocomplete="current-password"
            focused={Boolean(email)}
            wrong={wrong}
          />
          <button type="submit">Sign in</button>
        </form>
      </article>
    ),
  })
}

function problemText(problem: SignInProblem, retryAfterSeconds: number | undefined): string {
  switch (problem) {
    case 'wrong_credentials':
      return 'This email and password do not belong together. Check both and try again.'
    case 'too_many_attempts':
      return retryAfterSeconds === undefined
        ? 'There were too many attempts. Wait a while, then try again.'
        : `There were too many attempts. Try again in ${durationInWords(retryAfterSeconds)}.`
    case 'expired':
      return 'This page was open for too long. Please sign in again.'
    default:
      return problem satisfies never
  }
}
