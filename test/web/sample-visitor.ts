/** Somebody who is signed in and may go everywhere. */
import type { Visitor } from '../../src/web/navigation.tsx'

export const visitor: Visitor = {
  name: 'ada@example.com',
  rooms: ['account', 'security', 'apps', 'approvals', 'tokens', 'admin'],
  waiting: 2,
}
