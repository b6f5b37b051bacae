/**
 * The set-up page: whoever holds the one-use link from the server's terminal makes the first
 * administrator. The rules for passwords are few, because more of them make passwords worse.
 * @see [OWASP ASVS 5.0 §6.2 - Password Security](https://github.com/OWASP/ASVS)
 */
import { HiddenFields, Problem, TextField } from './form.tsx'
import { type PageShell, renderPage } from './layout.tsx'
import type { Words } from './words/words.ts'

export type SetupProblem = keyof Words['setup']['problems']

export interface SetupPageData extends PageShell {
  readonly action: string
  readonly csrf: string
  readonly problem?: SetupProblem | undefined
  readonly email?: string | undefined
  readonly name?: string | undefined
  /** Carried through the form: the secret of the link. */
  readonly hidden?: Readonly<Record<string, string>> | undefined
}

export function setupPage(data: SetupPageData): string {
  const { brand, words, action, csrf, problem, email, name, hidden } = data
  const { setup, fields, shell } = words
  return renderPage({
    brand,
    words,
    title: problem ? shell.problem(setup.title) : setup.title,
    children: (
      <article class="card">
        <h1>{setup.title}</h1>
        <p class="lead">{setup.lead}</p>
        {problem && <Problem>{setup.problems[problem]}</Problem>}
        <form method="post" action={action}>
          <HiddenFields fields={{ ...hidden, csrf }} />
          <TextField
            name="email"
            label={fields.email}
            type="email"
            autocomplete="username"
            value={email}
            focused={!problem || problem === 'email_invalid'}
            wrong={problem === 'email_invalid'}
          />
          <TextField
            name="name"
            label={fields.name}
            type="text"
            autocomplete="name"
            value={name}
            wrong={problem === 'name_missing'}
          />
          <TextField
            name="password"
            label={fields.password}
            type="password"
            autocomplete="new-password"
            hint={fields.passwordHint}
            focused={problem?.startsWith('password') ?? false}
            wrong={problem?.startsWith('password') ?? false}
          />
          <button type="submit">{setup.submit}</button>
        </form>
      </article>
    ),
  })
}
