/**
 * Times and durations in plain words. Times come as milliseconds since 1970 and are shown in UTC,
 * said so, because the server does not know where the reader is; `<time datetime>` carries the
 * exact value for machines.
 */

import { useWords, type Words } from './words/words.ts'

export function inUtc(atMs: number, { time }: Words): string {
  const at = new Date(atMs)
  return time.moment(at, at.toISOString().slice(11, 16))
}

export function Moment({ atMs }: { atMs: number }) {
  return <time datetime={new Date(atMs).toISOString()}>{inUtc(atMs, useWords())}</time>
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** The two largest units that say it: "30 days", "1 hour 30 minutes", "45 seconds". */
export function durationInWords(seconds: number, { time }: Words): string {
  let rest = Math.max(0, Math.round(seconds))
  const parts: string[] = []
  for (const [unit, unitSeconds] of units) {
    const count = Math.floor(rest / unitSeconds)
    if (count === 0) continue
    rest -= count * unitSeconds
    parts.push(time[unit](count))
    if (parts.length === 2) break
  }
  return parts.join(' ') || time.second(0)
}
