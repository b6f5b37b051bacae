/** What of a tool's definition is another than what was approved, place by place. */

export interface DefinitionChange {
  /** `inputSchema.properties.path.description` */
  readonly place: string
  /** JSON text, in which all is visible; absent where nothing stood there. */
  readonly before?: string
  /** Absent where nothing stands there any more. */
  readonly after?: string
}

/** Both are JSON; without an approved one all of it is new. */
export function definitionChanges(approved: string | null, seen: string): DefinitionChange[] {
  const before = leavesOf(approved === null ? {} : JSON.parse(approved))
  const after = leavesOf(JSON.parse(seen))
  const places = [...new Set([...before.keys(), ...after.keys()])]
  return places
    .filter((place) => before.get(place) !== after.get(place))
    .map((place) => {
      const [was, is] = [before.get(place), after.get(place)]
      return {
        place,
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      }
    })
}

/** Every text, number and empty thing by its place. */
function leavesOf(value: unknown, place = '', leaves = new Map<string, string>()) {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (inner.length === 0) {
    if (place !== '') leaves.set(visible(place), visible(JSON.stringify(value)))
    return leaves
  }
  for (const [name, part] of inner) {
    leavesOf(part, place === '' ? name : `${place}.${name}`, leaves)
  }
  return leaves
}

/** What a model reads and a person does not see: signs without width, that turn text around, tags. */
function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\p{Variation_Selector}]/gu, (letter) => {
    const hex = (letter.codePointAt(0) ?? 0).toString(16)
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
  })
}
