/**
 * Which language somebody reads: that of the page on which they last signed in. It is observed and
 * not in the log; letters that no page asked for are written in it.
 */
import type { Services } from '../protocol/services.ts'

const kind = 'person-language'
const keptMs = 10 * 365 * 24 * 3600 * 1000

type Parts = Pick<Services, 'expiring' | 'now'>

export async function noteLanguage(
  { expiring, now }: Parts,
  userId: string,
  language: string,
): Promise<void> {
  if ((await knownLanguage({ expiring }, userId)) === language) return
  await expiring.put({ kind, id: userId, body: { language }, expiresAt: now() + keptMs })
}

/** BCP 47; English where nothing is known. */
export async function languageOf(parts: Pick<Parts, 'expiring'>, userId: string): Promise<string> {
  return (await knownLanguage(parts, userId)) ?? 'en'
}

async function knownLanguage({ expiring }: Pick<Parts, 'expiring'>, userId: string) {
  const known = (await expiring.get(kind, userId)) as { language: string } | undefined
  return known?.language
}

export function forgetLanguage({ expiring }: Pick<Parts, 'expiring'>, userId: string) {
  return expiring.remove(kind, userId)
}
