/**
 * The sign-in page. An unknown account and a wrong password get the same words, so that the page
 * tells nobody which accounts exist.
 * @see [OWASP ASVS 5.0 §6.3 - General Authentication Security](https://github.com/OWASP/ASVS)
 */
import { plainText } from './clean-text.ts'
import { HiddenFields, Problem, TextField } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { PasskeyForm } from './passkey-form.tsx'
import { passkeyScript } from './passkey-script.ts'
import { durationInWords } from './time.tsx'
import { UpstreamButtons, type UpstreamChoice } from './upstreams.tsx'
import { useWords, type Words } from './words/words.ts'

export type SignInProblem = keyof Words['signIn']['problems']

export interface SignInPageData extends PageShell {
  readonly action: string
  readonly csrf: string
  readonly email?: string | undefined
  readonly problem?: SignInProblem | undefined
  /** With `too_many_attempts`: when the next attempt counts. */
  readonly retryAfterSeconds?: number | undefined
  /** The client that waits for an answer, if one does. */
  readonly client?: { readonly name: string } | undefined
  /** Signed in already, and asked to prove it anew. */
  readonly again?: boolean
  /** Absent means yes. */
  readonly withPassword?: boolean
  /** What an authenticator is asked for; absent where passkeys are off. */
  readonly passkey?: { readonly action: string; readonly options: object } | undefined
  /** Carried through the form: where to go on afterwards. */
  readonly hidden?: Readonly<Record<string, string>> | undefined
  /** Whether links can be sent. */
  readonly byMail?: boolean
  /** Whether anybody may make an account. */
  readonly signUp?: boolean
  /** Other services by which the person may sign in. */
  readonly upstreams?: readonly UpstreamChoice[]
  /** Where an agent signs in in the place of a person; absent where none may. */
  readonly byAgent?: string | undefined
}

export function signInPage(data: SignInPageData): string {
  const { brand, words, problem, client, again, withPassword = true, passkey } = data
  const { csrf, hidden, upstreams = [] } = data
  const { signIn, shell } = words
  const title = again ? signIn.againTitle : signIn.title
  return renderPage({
    brand,
    words,
    title: problem ? shell.problem(title) : title,
    ...(passkey ? { script: passkeyScript.path } : {}),
    children: (
      <article class="card">
        <h1>{title}</h1>
        {again && <p class="lead">{signIn.again}</p>}
        {client && (
          <p class="lead">
            {signIn.toContinue(
              <strong>
                <Foreign text={plainText(client.name) || shell.unnamedApp} />
              </strong>,
            )}
          </p>
        )}
        {problem && <Problem>{problemText(data, problem)}</Problem>}
        {withPassword && <PasswordForm {...data} />}
        {passkey && (
          <PasskeyForm
            wants="get"
            action={passkey.action}
            options={passkey.options}
            hidden={{ ...hidden, csrf }}
            submit={signIn.withPasskey}
            failed={signIn.noPasskey}
          />
        )}
        {upstreams.length > 0 && (
          <UpstreamButtons upstreams={upstreams} hidden={{ ...hidden, csrf }} />
        )}
        {data.byMail && <OtherWays {...data} />}
        {data.byAgent && (
          <p class="otherwise">
            <a href={data.byAgent}>{words.agents.link}</a>
          </p>
        )}
      </article>
    ),
  })
}

function PasswordForm({ action, csrf, hidden, email, problem, passkey }: SignInPageData) {
  const { fields, signIn } = useWords()
  const wrong = problem === 'wrong_credentials'
  return (
    <form method="post" action={action}>
      <HiddenFields fields={{ ...hidden, csrf }} />
      <TextField
        name="email"
        label={fields.email}
        type="email"
        autocomplete={passkey ? 'username webauthn' : 'username'}
        value={email}
        focused={!email}
        wrong={wrong}
      />
      <TextField
        name="password"
        label={fields.password}
        type="password"
        autocomplete="current-password"
        focused={Boolean(email)}
        wrong={wrong}
      />
      <button type="submit">{signIn.submit}</button>
    </form>
  )
}

function OtherWays({ hidden, signUp }: SignInPageData) {
  const { signIn } = useWords()
  const { request, next } = hidden ?? {}
  const errand = new URLSearchParams({ ...(request && { request }), ...(next && { next }) })
  const query = errand.size === 0 ? '' : `?${errand}`
  return (
    <nav class="changes" aria-label={signIn.otherWays}>
      <a href={`/sign-in/email${query}`}>{signIn.byEmail}</a>
      <a href={`/password/forgotten${query}`}>{signIn.forgotten}</a>
      {signUp && <a href={`/sign-up${query}`}>{signIn.signUp}</a>}
    </nav>
  )
}

function problemText(data: SignInPageData, problem: SignInProblem): string {
  const { words, retryAfterSeconds } = data
  if (problem !== 'too_many_attempts' || retryAfterSeconds === undefined) {
    return words.signIn.problems[problem]
  }
  return words.signIn.tryAgainIn(durationInWords(retryAfterSeconds, words))
}
