/**
 * Text that somebody is asked to approve, whole and as it is: nothing is left out and nothing
 * reorders what stands beside it. What could not be seen is written down by its number.
 */
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu
/** Longer texts can be folded away by whoever has read them. */
const foldedFromCharacters = 400

export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(unseen, (character) => (character === '\n' ? character : `⟨U+${hexOf(character)}⟩`))
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}

/** @param fold what the way to fold it is called */
export function Exact({ text, fold }: { text: string; fold: string }) {
  const shown = visible(text)
  const block = <bdi class="exact">{shown}</bdi>
  if (shown.length < foldedFromCharacters) return block
  return (
    <details open>
      <summary>{fold}</summary>
      {block}
    </details>
  )
}
