/**
 * What the owner of an API token is told by mail: that it was found in public, and, a week and a
 * day before, that it will expire. The letters name no token: whoever reads them signs in to see.
 */
import { findApiTokensExpiring } from '../projections/api-tokens.ts'
import { findUser } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { type LetterKind, putLetter } from './outbox.ts'
import { languageOf } from './person-language.ts'

const dayMs = 24 * 60 * 60 * 1000
const warnings = [
  { name: 'week', aheadMs: 7 * dayMs },
  { name: 'day', aheadMs: dayMs },
] as const

const seenKind = 'api_token_expiry_seen'
const warnedKind = 'api_token_warned'
const seenKeptMs = 400 * dayMs
/** The rest have their turn a minute later. */
const tokensPerRun = 100

export async function tellOfLeaks(services: Services, userIds: readonly string[]): Promise<void> {
  for (const userId of new Set(userIds)) await tell(services, userId, 'apiTokenLeaked')
}

/**
 * Each run looks at the tokens that have come nearer to their end than a warning since the last;
 * one that is made with less time than that is not warned of.
 * @returns how many were written to
 */
export async function warnOfExpiry(services: Services): Promise<number> {
  const { expiring, reader, now } = services
  let told = 0
  for (const { name, aheadMs } of warnings) {
    const at = now()
    const until = at + aheadMs
    const seen = (await expiring.get(seenKind, name)) as { until: number } | undefined
    const after = Math.max(seen?.until ?? 0, at)
    const rows = await findApiTokensExpiring(reader, { after, until, rowsMax: tokensPerRun })
    for (const { apiTokenId, generation, userId, expiresAt, startedAt } of rows) {
      if (expiresAt - startedAt <= aheadMs) continue
      // Of several servers one writes.
      const warning = `${apiTokenId} ${generation} ${name}`
      if ((await expiring.count(warnedKind, warning, aheadMs / 1000)) > 1) continue
      if (await tell(services, userId, 'apiTokenExpires')) told += 1
    }
    const last = rows.length < tokensPerRun ? until : (rows.at(-1)?.expiresAt ?? until)
    await expiring.put({
      kind: seenKind,
      id: name,
      body: { until: last },
      expiresAt: at + seenKeptMs,
    })
  }
  return told
}

/** Only where somebody has proved that they read the address. */
async function tell(services: Services, userId: string, kind: LetterKind): Promise<boolean> {
  if (!services.mail.isReady) return false
  const user = await findUser(services.reader, userId)
  if (!user?.email || user.emailVerifiedAt === null || user.status !== 'active') return false
  await putLetter(services, { to: user.email, kind, language: await languageOf(services, userId) })
  return true
}
