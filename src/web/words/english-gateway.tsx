/** What the administrator's pages say in English of MCP servers elsewhere. */
import type { ComponentChildren } from 'preact'

export const englishGateway = {
  lead: 'MCP servers that are reached by way of this one. A tool whose description has changed is neither listed nor called until somebody has looked at it.',
  none: 'None is set up.',
  noTools: 'Nobody has asked for its tools yet.',
  address: 'Where it is',
  scopes: 'Scopes',
  waits: 'Tools that wait',
  trusted: 'Tools that are as they were approved',
  state: {
    changed: (at: ComponentChildren) => <>has changed since it was approved, seen {at}</>,
    waiting: (at: ComponentChildren) => <>is new, seen {at}</>,
  },
  more: (count: number) => `and ${count} more; grantlog gateway tools lists all`,
  changes: {
    title: 'What would be approved',
    before: 'Before',
    after: 'Now',
    nothing: 'nothing',
    cut: 'Cut here; grantlog gateway tools shows all of it.',
  },
}
