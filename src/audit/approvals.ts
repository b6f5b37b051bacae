/**
 * The consents of a person: from each of them a grant descends, and from the grant its tokens and
 * jobs, whose own events name the grant and no longer the person.
 */
import type { EventLog, RecordedEvent } from '../domain/event-log.ts'
import { GrantApproved, type GrantTerms } from '../domain/grant-events.ts'

/**
 * Oldest first. Only the person can approve, so the index by actor finds all of it. It is read
 * whole: to look for approvals in it would not end before the next one, however far that is.
 */
export async function approvalsOf(
  log: EventLog,
  { userId, before }: { userId: string; before?: number },
): Promise<GrantTerms[]> {
  const approvals: GrantTerms[] = []
  const query = { actor: `user:${userId}` }
  for await (const event of log.replay(before === undefined ? query : { ...query, before })) {
    if (event.type === GrantApproved.name) approvals.push(termsOf(event))
  }
  return approvals
}

/** The terms of a `GrantApproved`; the log has checked its payload as it was read. */
function termsOf(event: RecordedEvent): GrantTerms {
  return event.payload as unknown as GrantTerms
}
