/**
 * The error page: what happened, what to do, and the reference that finds the log line. It takes
 * texts only, so that nothing internal can reach it by accident; `errorTexts` holds ours.
 */
import type { ErrorText } from './error-texts.ts'
import { Foreign, renderPage } from './layout.tsx'

export interface ErrorPageData extends ErrorText {
  readonly brand: string
  readonly requestId: string
}

const sentenceGraphemesMax = 400

export function errorPage({ brand, title, message, advice, requestId }: ErrorPageData): string {
  return renderPage({
    brand,
    title,
    children: (
      <article class="card error">
        <h1>
          <Foreign text={title} />
        </h1>
        <p>
          <Foreign text={message} graphemesMax={sentenceGraphemesMax} />
        </p>
        {advice && (
          <p class="advice">
            <Foreign text={advice} graphemesMax={sentenceGraphemesMax} />
          </p>
        )}
        <p class="reference">
          Reference{' '}
          <code>
            <Foreign text={requestId} />
          </code>
        </p>
      </article>
    ),
  })
}
