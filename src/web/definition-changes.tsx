/** What of a tool's definition is new, before and after, for whoever decides about it. */
import { Foreign } from './layout.tsx'
import { useWords } from './words/words.ts'

export interface ShownChange {
  readonly place: string
  /** JSON text. */
  readonly before?: string
  readonly after?: string
}

const changesMax = 30
const placeGraphemesMax = 120
const textGraphemesMax = 600
/** All texts together: a page stays small whatever a server says of itself. */
const charactersMax = 8000

export function DefinitionChanges({ changes }: { changes: readonly ShownChange[] }) {
  const texts = useWords().gateway.changes
  const shown = fitting(changes)
  const isCut =
    shown.length < changes.length ||
    shown.some(
      ({ before = '', after = '' }) => Math.max(before.length, after.length) > textGraphemesMax,
    )
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">{texts.title}</h2>
      <ul class="rows">
        {shown.map(({ place, before, after }) => (
          <li key={place}>
            <p>
              <code>
                <Foreign text={place} graphemesMax={placeGraphemesMax} />
              </code>
            </p>
            <Text label={texts.before} text={before} nothing={texts.nothing} />
            <Text label={texts.after} text={after} nothing={texts.nothing} />
          </li>
        ))}
      </ul>
      {isCut && <p class="remark">{texts.cut}</p>}
    </section>
  )
}

interface TextProps {
  readonly label: string
  readonly text: string | undefined
  readonly nothing: string
}

function Text({ label, text, nothing }: TextProps) {
  return (
    <p>
      <span class="remark">{label}:</span>{' '}
      {text === undefined ? (
        <span class="remark">{nothing}</span>
      ) : (
        <Foreign text={text} graphemesMax={textGraphemesMax} />
      )}
    </p>
  )
}

function fitting(changes: readonly ShownChange[]): ShownChange[] {
  let left = charactersMax
  return changes.slice(0, changesMax).filter(({ place, before = '', after = '' }) => {
    const cut = (text: string) => Math.min(text.length, textGraphemesMax)
    left -= Math.min(place.length, placeGraphemesMax) + cut(before) + cut(after)
    return left > 0
  })
}
