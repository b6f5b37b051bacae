/** After the password: a code from the person's app, or a recovery code in its place. */
import { HiddenFields, Problem, TextField } from './form.tsx'
import { type PageShell, renderPage } from './layout.tsx'
import { type SecurityProblem, securityProblemText } from './security-problem.ts'

export interface SecondStepPageData extends PageShell {
  readonly action: string
  readonly csrf: string
  readonly hidden: Readonly<Record<string, string>>
  /** Where one signs in by something else. */
  readonly otherWay: string
  readonly problem?: SecurityProblem | undefined
  readonly retryAfterSeconds?: number | undefined
}

export function secondStepPage(data: SecondStepPageData): string {
  const { brand, words, action, csrf, hidden, problem } = data
  const { second } = words.security
  return renderPage({
    brand,
    words,
    title: problem ? words.shell.problem(second.title) : second.title,
    children: (
      <article class="card">
        <h1>{second.title}</h1>
        <p class="lead">{second.lead}</p>
        {problem && <Problem>{securityProblemText(data, problem)}</Problem>}
        <form method="post" action={action}>
          <HiddenFields fields={{ ...hidden, csrf }} />
          <TextField
            name="code"
            label={second.code}
            hint={second.codeHint}
            type="text"
            autocomplete="one-time-code"
            focused
            wrong={problem === 'wrong_code'}
          />
          <button type="submit">{second.submit}</button>
        </form>
        <p class="otherwise">
          <a href={data.otherWay}>{second.elsewhere}</a>
        </p>
      </article>
    ),
  })
}
