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
  calls: {
    title: 'What it called',
    earlier: 'Earlier calls',
    at: (server: ComponentChildren) => <>at {server}</>,
    took: (milliseconds: number) => `${milliseconds} ms`,
    outcomes: {
      made: 'no answer yet',
      ok: 'done',
      tool_error: 'the tool said that it failed',
      upstream_error: 'the service behind it answered with an error, or not at all',
      interrupted: 'the connection ended before the answer',
      refused: 'refused',
    },
    reasons: {
      tool_unmapped: 'the tool is not offered here',
      scope_missing: 'you have not allowed it',
      tool_unknown: 'there is no such tool',
      tool_changed: 'the tool had changed since it was approved',
      tool_unapproved: 'the tool was not approved yet',
      approval_needed: 'you had not approved the call',
      too_many_calls: 'too many calls were under way',
    },
  },
  changes: {
    title: 'What would be approved',
    before: 'Before',
    after: 'Now',
    nothing: 'nothing',
    cut: 'Cut here; grantlog gateway tools shows all of it.',
  },
}
