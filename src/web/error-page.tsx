/**
 * The error page: what happened, what to do, and the reference that finds the log line. It takes
 * texts only, so that nothing internal can reach it by accident.
 */
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import type { ErrorText } from './words/english-errors.ts'

export interface ErrorPageData extends PageShell {
  readonly text: ErrorText
  readonly requestId: string
  /** Whether signing in is what the advice speaks of. */
  readonly toSignIn?: boolean
}

const sentenceGraphemesMax = 400

export function errorPage({ brand, words, text, requestId, toSignIn }: ErrorPageData): string {
  const { title, message, advice } = text
  return renderPage({
    brand,
    words,
    title,
    children: (
      <article class="card error">
        <h1>
          <Foreign text={title} />
        </h1>
        <p>
          <Foreign text={message} graphemesMax={sentenceGraphemesMax} />
        </p>
        <p class="advice">
          <Foreign text={advice} graphemesMax={sentenceGraphemesMax} />
        </p>
        {toSignIn && (
          <p>
            <a href="/sign-in">{words.signIn.title}</a>
          </p>
        )}
        <p class="reference">
          {words.shell.reference}{' '}
          <code>
            <Foreign text={requestId} />
          </code>
        </p>
      </article>
    ),
  })
}
