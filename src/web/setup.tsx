/**
 * The set-up page: whoever holds the one-use link from the server's terminal makes the first
 * administrator. The rules for passwords are few, because more of them make passwords worse.
 * @see [OWASP ASVS 5.0 §6.2 - Password Security](https://github.com/OWASP/ASVS)
 */
import { HiddenFields, Problem, TextField } from './form.tsx'
import { renderPage } from './layout.tsx'

export type SetupProblem =
  | 'email_invalid'
  | 'name_missing'
  | 'password_too_short'
  | 'password_too_long'
  | 'password_too_common'
  | 'expired'

export interface SetupPageData {
  readonly brand: string
  readonly action: string
  readonly csrf: string
  readonly problem?: SetupProblem | undefined
  readonly email?: string | undefined
  readonly name?: string | undefined
  /** Carried through the form: the secret of the link. */
  readonly hidden?: Readonly<Record<string, string>> | undefined
}

export const setupProblemTexts: Readonly<Record<SetupProblem, string>> = {
  email_invalid: 'This is not an email address. Check it and try again.',
  name_missing: 'Please say what you are called.',
  password_too_short: 'This password is too short. Use at least 8 characters.',
  password_too_long: 'This password is too long for this server.',
  password_too_common: 'This password is one of the first that an attacker tries. Choose another.',
  expired: 'This page was open for too long. Please fill it in again.',
}

export function setupPage(data: SetupPageData): string {
  const { brand, action, csrf, problem, email, name, hidden } = data
  return renderPage({
    brand,
    title: problem ? 'Problem: Set up this server' : 'Set up this server',
    children: (
      <article class="card">
        <h1>Set up this server</h1>
        <p class="lead">Create the first administrator. This link works once.</p>
        {problem && <Problem>{setupProblemTexts[problem]}</Problem>}
        <form method="post" action={action}>
          <HiddenFields fields={{ ...hidden, csrf }} />
          <TextField
            name="email"
            label="Email"
            type="email"
            autocomplete="username"
            value={email}
            focused={!problem || problem === 'email_invalid'}
            wrong={problem === 'email_invalid'}
          />
          <TextField
            name="name"
            label="Name"
            type="text"
            autocomplete="name"
            value={name}
            wrong={problem === 'name_missing'}
          />
          <TextField
            name="password"
            label="Password"
            type="password"
            autocomplete="new-password"
            hint="At least 8 characters. A few words in a row make a good one."
            focused={problem?.startsWith('password') ?? false}
            wrong={problem?.startsWith('password') ?? false}
          />
          <button type="submit">Create administrator</button>
        </form>
      </article>
    ),
  })
}
