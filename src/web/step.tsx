/**
 * The small forms about an account: one thing to say, at most a few fields, one button. And the
 * pages after them, which say what has happened.
 */
import { HiddenFields, Problem, TextField, type TextFieldProps } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import type { Words } from './words/words.ts'

export type StepKind = keyof Words['steps']
export type StepProblem = keyof Words['stepParts']['problems']
export type DoneKind = keyof Words['done']

export interface StepPageData extends PageShell {
  readonly kind: StepKind
  readonly action: string
  readonly csrf: string
  readonly hidden?: Readonly<Record<string, string>>
  /** The address that the sentence above the form speaks of. */
  readonly about?: string | undefined
  /** What it ends. */
  readonly ends?: readonly string[]
  readonly fields?: readonly TextFieldProps[]
  readonly problem?: StepProblem | undefined
  /** Whether there is an account page to go back to. */
  readonly isSignedIn?: boolean
}

export function stepPage(data: StepPageData): string {
  const { brand, words, kind, action, csrf, hidden, about, ends, fields = [], problem } = data
  const { title, lead, submit } = words.steps[kind]
  return renderPage({
    brand,
    words,
    visitor: data.visitor,
    room: 'account',
    title: problem ? words.shell.problem(title) : title,
    children: (
      <article class="card">
        <h1>{title}</h1>
        <p class="lead">{lead}</p>
        {about && (
          <p>
            <strong>
              <Foreign text={about} />
            </strong>
          </p>
        )}
        {ends && (
          <ul>
            {ends.map((what) => (
              <li key={what}>
                <Foreign text={what} />
              </li>
            ))}
          </ul>
        )}
        {problem && <Problem>{words.stepParts.problems[problem]}</Problem>}
        <form method="post" action={action}>
          <HiddenFields fields={{ ...hidden, csrf }} />
          {fields.map((field) => (
            <TextField key={field.name} {...field} />
          ))}
          <button type="submit">{submit}</button>
        </form>
        {data.isSignedIn && (
          <p class="changes">
            <a href="/account">{words.stepParts.back}</a>
          </p>
        )}
      </article>
    ),
  })
}

export interface DonePageData extends PageShell {
  readonly kind: DoneKind
  /** Where one signs in, and what waits after it. */
  readonly signIn?: string
  /** In its place: where whoever is signed in goes on. */
  readonly onward?: string | undefined
}

export function donePage(data: DonePageData): string {
  const { brand, words, kind, signIn = '/sign-in', onward } = data
  const { title, text } = words.done[kind]
  return renderPage({
    brand,
    words,
    title,
    children: (
      <article class="card">
        <h1>{title}</h1>
        <p class="lead">{text}</p>
        <p>
          {onward === undefined ? (
            <a href={signIn}>{words.signIn.title}</a>
          ) : (
            <a href={onward}>{words.stepParts.onward}</a>
          )}
        </p>
      </article>
    ),
  })
}
