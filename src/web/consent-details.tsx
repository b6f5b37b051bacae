/**
 * Authorization details on the consent page: each under the name that the operator gave its kind,
 * its values beside their labels, and what the person has to choose in the form itself. Values are
 * the client's words: they are escaped, shortened, and never shown as raw JSON.
 *
 * @see [RFC 9396 §11.4 - Displaying Authorization Details to the User](https://www.rfc-editor.org/rfc/rfc9396.html#section-11.4)
 */
import { plainText } from './clean-text.ts'
import { Foreign } from './layout.tsx'
import { useWords } from './words/words.ts'

export interface DetailChoice {
  /** Its name in the form. */
  readonly field: string
  readonly label: string
  /** Each value with the words for it. */
  readonly options: Readonly<Record<string, string>>
  readonly required: boolean
  readonly chosen: string | undefined
  /** The resource did not say what there is, so there is nothing to choose from now. */
  readonly unreachable: boolean
}

export interface ConsentDetail {
  readonly name: string
  readonly values: readonly { readonly label: string; readonly words: readonly string[] }[]
  /** Allowed by an earlier consent, and taken over as it is. */
  readonly already: boolean
  readonly choices: readonly DetailChoice[]
}

type WithDetails = { readonly details: readonly ConsentDetail[] }

const wordGraphemesMax = 200

export function Details({ details }: WithDetails) {
  const words = useWords().consent
  const told = details.filter(({ values }) => values.length > 0)
  if (told.length === 0) return null
  return (
    <section aria-labelledby="details">
      <h2 id="details">{words.inParticular}</h2>
      {told.map(({ name, values, already }, index) => (
        <div class="detail" key={index}>
          <h3>
            <Foreign text={name} />
            {already && <span class="remark">{` (${words.alreadyAllowed})`}</span>}
          </h3>
          <dl class="facts">
            {values.map(({ label, words }) => (
              <>
                <dt key={label}>
                  <Foreign text={label} />
                </dt>
                {words.map((word) => (
                  <dd key={word}>
                    <Foreign text={word} graphemesMax={wordGraphemesMax} />
                  </dd>
                ))}
              </>
            ))}
          </dl>
        </div>
      ))}
    </section>
  )
}

/** Whether the form is kept back until a choice is made; a denial never is. */
export function mustChoose({ details }: WithDetails): boolean {
  return details.some(({ choices }) => choices.some(({ required }) => required))
}

/** Whether there is something to choose wherever something must be chosen. */
export function canChoose({ details }: WithDetails): boolean {
  const isDeadEnd = (choice: DetailChoice) => choice.required && hasNone(choice)
  return !details.some(({ choices }) => choices.some(isDeadEnd))
}

function hasNone({ options }: DetailChoice): boolean {
  return Object.keys(options).length === 0
}

/** Inside the form of the decision: what the person chooses goes along with it. */
export function DetailChoices({ details, again }: WithDetails & WayBack) {
  return (
    <>
      {details.flatMap(({ choices }) =>
        choices.map((choice) => <Choice key={choice.field} {...choice} again={again} />),
      )}
    </>
  )
}

interface WayBack {
  /** Where the same page asks for the options once more. */
  readonly again: string
}

function Choice(choice: DetailChoice & WayBack) {
  const { field, label, options, required } = choice
  const words = useWords().consent
  if (hasNone(choice)) return <NoChoice {...choice} />
  const values = Object.keys(options)
  const chosen = choice.chosen ?? (required && values.length === 1 ? values[0] : undefined)
  return (
    <div class="field">
      <label for={field}>
        <Foreign text={label} />
      </label>
      <select id={field} name={field} required={required}>
        <option value="">{required ? words.chooseOne : words.chooseNone}</option>
        {Object.entries(options).map(([value, words]) => (
          <option key={value} value={value} selected={value === chosen}>
            {plainText(words)}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Why there is nothing to choose from, what that means for the answer, and what may be done. */
function NoChoice({ label, required, unreachable, again }: DetailChoice & WayBack) {
  const words = useWords().consent.noChoice
  const consequence = required ? words.needed : words.without
  return (
    <div class="field">
      <strong>
        <Foreign text={label} />
      </strong>
      <p>
        {unreachable ? words.unreachable : words.empty} {consequence}{' '}
        <a href={again}>{words.again}</a>
      </p>
    </div>
  )
}
