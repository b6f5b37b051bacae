/**
 * Tells a person that something waits for their approval: by mail with a link, never with what is
 * asked.
 */
import { putLetter } from '../identity/outbox.ts'
import { languageOf } from '../identity/person-language.ts'
import { findApproval } from '../projections/approvals.ts'
import { findUser } from '../projections/users.ts'
import type { Services } from '../protocol/services.ts'
import { approvalsPath } from './read.ts'

const mailedKind = 'approval_mailed'
/** One letter leads to the page, where all that waits is to be seen. */
const mailEverySeconds = 5 * 60

/** To be called once what asks is written. A notice that fails takes nothing back. */
export async function tellOf(services: Services, approvalId: string): Promise<void> {
  const { reader, logger } = services
  try {
    const approval = await findApproval(reader, approvalId)
    if (approval?.status !== 'open') return
    await mail(services, approval.userId, approvalId)
  } catch (error) {
    logger.warn({ approvalId, cause: String(error) }, 'nobody was told that an approval is asked')
  }
}

/** Only where somebody has proved that they read the address. */
async function mail(services: Services, userId: string, approvalId: string): Promise<void> {
  const { reader, expiring, settings } = services
  if (!services.mail.isReady || settings.approvals.mail === false) return
  const user = await findUser(reader, userId)
  if (!user?.email || user.emailVerifiedAt === null || user.status !== 'active') return
  if ((await expiring.count(mailedKind, userId, mailEverySeconds)) > 1) return
  const page = `${approvalsPath}/${approvalId}`
  const language = await languageOf(services, userId)
  await putLetter(services, { to: user.email, kind: 'approvalAsked', language, page })
}
