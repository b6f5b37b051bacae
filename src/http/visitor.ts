/** The shell of the pages of somebody who is signed in: with the ways to all that is theirs. */
import type { SignedIn } from '../identity/session.ts'
import type { Services } from '../protocol/services.ts'
import type { PageShell } from '../web/layout.tsx'
import type { Room } from '../web/navigation.tsx'
import { shellOf } from './page-response.ts'

export function visitorShell(
  services: Pick<Services, 'settings'>,
  request: Request,
  { user, waiting = 0 }: Pick<SignedIn, 'user' | 'waiting'>,
): PageShell {
  const { apiTokens, agents } = services.settings
  const tokens: Room = apiTokens.perAccount === 1 ? 'token' : 'tokens'
  const rooms: Room[] = [
    ...(['account', 'security', 'apps', 'approvals'] as const),
    ...(apiTokens.enabled ? [tokens] : []),
    ...(agents.enabled ? (['agents'] as const) : []),
    ...(user.admin ? (['admin'] as const) : []),
  ]
  const name = user.email ?? user.name ?? ''
  return { ...shellOf(services, request), visitor: { name, rooms, waiting } }
}
