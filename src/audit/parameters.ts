/**
 * Reads the parameters of an audit question. A name that is not known is refused too: a filter
 * with a slip in its name would otherwise answer a wider question than the one that was asked.
 */
import { OAuthError } from '../protocol/oauth-error.ts'

const shownCharactersMax = 100

/** With seconds and fractions or without; always with an offset, for "local" means nothing here. */
const isoTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
const epochMilliseconds = /^\d{1,15}$/

/** @throws {OAuthError} invalid_request, naming the parameter */
export function refuseParameter(name: string, value: string, expected: string): never {
  const shown = value.slice(0, shownCharactersMax)
  throw new OAuthError('invalid_request', `Cannot use ${name} "${shown}": ${expected}`)
}

export class Parameters<Name extends string> {
  readonly #given: URLSearchParams

  /** @throws {OAuthError} invalid_request for a name that is not among `names` */
  constructor(given: URLSearchParams, names: readonly Name[]) {
    this.#given = given
    for (const name of given.keys()) {
      if ((names as readonly string[]).includes(name)) continue
      refuseParameter('parameter', name, `the parameters here are ${names.join(', ')}`)
    }
  }

  /** The value of a parameter that may be given once; one without a value is not given. */
  text(name: Name): string | undefined {
    const values = this.#given.getAll(name)
    if (values.length > 1) refuseParameter(name, values.join(' '), 'it can be given once')
    return values[0] || undefined
  }

  /** The values of a parameter that may be repeated, or hold several between commas. */
  list(name: Name): string[] {
    const values = this.#given.getAll(name).flatMap((value) => value.split(','))
    return values.map((value) => value.trim()).filter((value) => value !== '')
  }

  whole(name: Name, range: { from: number; to: number; otherwise: number }): number {
    const text = this.text(name)
    if (text === undefined) return range.otherwise
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= range.from && value <= range.to) return value
    return refuseParameter(name, text, `it is a whole number from ${range.from} to ${range.to}`)
  }

  oneOf<Value extends string>(name: Name, values: readonly Value[]): Value | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const found = values.find((value) => value === text)
    return found ?? refuseParameter(name, text, `it is one of ${values.join(', ')}`)
  }

  /** A time in milliseconds since 1970. */
  time(name: Name): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    if (epochMilliseconds.test(text)) return Number(text)
    // A plus sign that was not escaped arrives as a space.
    const iso = text.replace(' ', '+')
    const time = isoTime.test(iso) ? Date.parse(iso) : Number.NaN
    if (!Number.isNaN(time)) return time
    return refuseParameter(name, text, 'it is an ISO 8601 time with offset, or milliseconds')
  }
}
