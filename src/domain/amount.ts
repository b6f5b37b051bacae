/**
 * Amounts of money as people write them: decimal text with a point, at most four places. Nobody's
 * floating point comes in between.
 *
 * ```ts
 * import { equal } from 'node:assert/strict'
 *
 * equal(addAmounts('84.50', '0.5'), '85')
 * equal(isAtMost('85', '85.0000'), true)
 * ```
 */
export const amountPattern = '^(0|[1-9]\\d{0,14})(\\.\\d{1,4})?$'

const places = 4

export function addAmounts(a: string, b: string): string {
  return textOf(unitsOf(a) + unitsOf(b))
}

/** Never below nothing. */
export function subtractAmounts(a: string, b: string): string {
  const rest = unitsOf(a) - unitsOf(b)
  return textOf(rest < 0n ? 0n : rest)
}

export function isAtMost(amount: string, limit: string): boolean {
  return unitsOf(amount) <= unitsOf(limit)
}

/** @throws {Error} for what is no amount */
function unitsOf(amount: string): bigint {
  if (!new RegExp(amountPattern).test(amount)) throw new Error(`Cannot count with "${amount}"`)
  const [whole = '', fraction = ''] = amount.split('.')
  return BigInt(whole + fraction.padEnd(places, '0'))
}

function textOf(units: bigint): string {
  const digits = String(units).padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  return fraction === '' ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${fraction}`
}
