/**
 * Setting up an app that shows codes: its key to scan or to type, and a code as proof that the app
 * has it. And the recovery codes, on the one page that ever shows them.
 */
import { encode } from 'uqr'
import { HiddenFields, Problem, TextField } from './form.tsx'
import { type PageShell, renderPage } from './layout.tsx'
import { type SecurityProblem, securityProblemText } from './security-problem.ts'
import { useWords } from './words/words.ts'

export interface EnrolmentPageData extends PageShell {
  readonly action: string
  readonly csrf: string
  readonly hidden: Readonly<Record<string, string>>
  /** `otpauth://…`, what the QR code says. */
  readonly uri: string
  /** Base 32. */
  readonly key: string
  /** The person cannot go on without it. */
  readonly required: boolean
  readonly problem?: SecurityProblem | undefined
  readonly retryAfterSeconds?: number | undefined
}

export function enrolmentPage(data: EnrolmentPageData): string {
  const { brand, words, action, csrf, hidden, uri, key, required, problem } = data
  const { enrol, back } = words.security
  return renderPage({
    brand,
    words,
    visitor: data.visitor,
    room: 'security',
    title: problem ? words.shell.problem(enrol.title) : enrol.title,
    children: (
      <article class="card">
        <h1>{enrol.title}</h1>
        {required && <p class="lead">{enrol.required}</p>}
        {problem && <Problem>{securityProblemText(data, problem)}</Problem>}
        <p>{enrol.scan}</p>
        <QrCode text={uri} />
        <p>{enrol.type}</p>
        <p class="typed-key">
          <code>{(key.match(/.{1,4}/g) ?? []).join(' ')}</code>
        </p>
        <form method="post" action={action}>
          <HiddenFields fields={{ ...hidden, csrf }} />
          <TextField
            name="code"
            label={enrol.code}
            type="text"
            autocomplete="one-time-code"
            focused={problem !== undefined}
            wrong={problem === 'wrong_code'}
          />
          <button type="submit">{enrol.submit}</button>
        </form>
        {!required && (
          <p class="otherwise">
            <a href="/account/security">{back}</a>
          </p>
        )}
      </article>
    ),
  })
}

/** Dark on light in either colour scheme: readers of such codes want it so. */
function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 3 })
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  return (
    <svg
      class="qr"
      role="img"
      aria-label={useWords().security.enrol.qr}
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

export interface RecoveryCodesPageData extends PageShell {
  readonly codes: readonly string[]
  /** Where to go on, below this server. */
  readonly onward: string
}

export function recoveryCodesPage({ codes, onward, ...shell }: RecoveryCodesPageData): string {
  const { brand, words, visitor } = shell
  const { title, lead, done } = words.security.codes
  return renderPage({
    brand,
    words,
    visitor,
    room: 'security',
    title,
    children: (
      <article class="card">
        <h1>{title}</h1>
        <p class="lead">{lead}</p>
        <ul class="recovery-codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <a class="as-button" href={onward}>
          {done}
        </a>
      </article>
    ),
  })
}
