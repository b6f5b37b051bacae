/**
 * Times and durations in plain words. Times come as milliseconds since 1970 and are shown in UTC,
 * said so, because the server does not know where the reader is; `<time datetime>` carries the
 * exact value for machines.
 */

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

/** "21 November 2026, 14:03 UTC" */
export function inUtc(atMs: number): string {
  const at = new Date(atMs)
  const clock = at.toISOString().slice(11, 16)
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${clock} UTC`
}

export function Moment({ atMs }: { atMs: number }) {
  return <time datetime={new Date(atMs).toISOString()}>{inUtc(atMs)}</time>
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** The two largest units that say it: "30 days", "1 hour 30 minutes", "45 seconds". */
export function durationInWords(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds))
  const parts: string[] = []
  for (const [unit, unitSeconds] of units) {
    const count = Math.floor(rest / unitSeconds)
    if (count === 0) continue
    rest -= count * unitSeconds
    parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    if (parts.length === 2) break
  }
  return parts.join(' ') || '0 seconds'
}
