/**
 * The reference of errors for whoever writes a client: each code with its status, its meaning and
 * what to do, made from the table that the server answers by. Each has an anchor of its own name.
 * In English for everybody, as the answers themselves are.
 */
import { errorsByStatus } from '../protocol/error-codes.ts'
import { renderPage } from './layout.tsx'
import { english } from './words/english.tsx'

export function errorReferencePage({ brand }: { readonly brand: string }): string {
  return renderPage({
    brand,
    words: english,
    title: 'Errors',
    width: 'wide',
    children: (
      <>
        <h1>Errors</h1>
        <p>
          Every refusal is a JSON object: <code>error</code> is one of the codes below, and beside
          it stand a sentence and a <code>request_id</code> that finds the refusal in the operator’s
          log.
        </p>
        <ul class="apps card">
          {errorsByStatus().map(({ name, status, meaning, remedy }) => (
            <li key={name} id={name}>
              <h2>
                <code>{name}</code> <span class="tag">{status}</span>
              </h2>
              <p>
                <Sentence text={meaning} />
              </p>
              <p class="advice">
                <Sentence text={remedy} />
              </p>
            </li>
          ))}
        </ul>
      </>
    ),
  })
}

/** With the names that stand between backticks set as code. */
function Sentence({ text }: { text: string }) {
  const parts = text.split('`')
  return (
    <>{parts.map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}.</>
  )
}
