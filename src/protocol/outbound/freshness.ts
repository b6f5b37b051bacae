/**
 * For how long an answer may be used again: as its headers say, but not so short that a site is
 * asked all the time, nor so long that a change there goes unseen for days.
 *
 * @see [RFC 9111 §4.2.1 - Calculating Freshness Lifetime](https://www.rfc-editor.org/rfc/rfc9111.html#section-4.2.1)
 */
export const freshSecondsMin = 5 * 60
export const freshSecondsMax = 24 * 60 * 60

/** Without a word of it, the shortest time. */
export function freshSeconds(headers: Headers): number {
  const said = lifetimeSaid(headers) - Number(headers.get('age') ?? 0)
  const seconds = Number.isFinite(said) ? said : 0
  return Math.min(freshSecondsMax, Math.max(freshSecondsMin, seconds))
}

function lifetimeSaid(headers: Headers): number {
  const control = headers.get('cache-control')?.toLowerCase() ?? ''
  if (/\bno-(store|cache)\b/.test(control)) return 0
  const [, shared] = /\bs-maxage="?(\d{1,10})/.exec(control) ?? []
  const [, own] = /(?:^|[\s,])max-age="?(\d{1,10})/.exec(control) ?? []
  if (shared ?? own) return Number(shared ?? own)
  const expires = Date.parse(headers.get('expires') ?? '')
  const date = Date.parse(headers.get('date') ?? '')
  return (expires - date) / 1000
}
