/** What an operator approved of a tool elsewhere, and what has changed since. */
import {
  GatewayToolApproved,
  GatewayToolChanged,
  GatewayToolSeen,
  gatewayToolDecider,
  gatewayToolId,
} from '../../src/domain/gateway-tool.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const minute = 60_000
const resource = 'https://auth.example.com/mcp/notes'
const names = { toolId: gatewayToolId(resource, 'read'), resource, tool: 'read' }

function as(text: string, at: number) {
  return { ...names, definition: text, definitionHash: sha256(text), at }
}

const trusted = GatewayToolSeen({ ...as('reads', 1), trusted: true })
const waiting = GatewayToolSeen({ ...as('reads', 1), trusted: false })
const changed = GatewayToolChanged(as('reads and sends', 2))

function seen(text: string, at: number) {
  return { kind: 'see', seen: { ...as(text, at), trusted: true } } as const
}

function approve(text: string, at: number) {
  return { kind: 'approve', definitionHash: sha256(text), reason: 'read it', now: at } as const
}

function approved(text: string, at: number) {
  return GatewayToolApproved({ ...names, definitionHash: sha256(text), reason: 'read it', at })
}

describe('a tool', () => {
  test('that nobody saw before is written down', () => {
    given(gatewayToolDecider).when(seen('reads', 1)).records(trusted)
  })

  test('that is as it was is nothing new', () => {
    given(gatewayToolDecider, trusted).when(seen('reads', 2)).records()
  })

  test('that has changed is written down, once', () => {
    given(gatewayToolDecider, trusted).when(seen('reads and sends', 2)).records(changed)
    given(gatewayToolDecider, trusted, changed).when(seen('reads and sends', 3)).records()
  })

  test('that changes at each question is written down every ten minutes', () => {
    const third = seen('reads and deletes', 2 + 10 * minute - 1)
    given(gatewayToolDecider, trusted, changed).when(third).records()
    const later = 2 + 10 * minute
    given(gatewayToolDecider, trusted, changed)
      .when(seen('reads and deletes', later))
      .records(GatewayToolChanged(as('reads and deletes', later)))
  })

  test('that is again as it was approved is written down at once', () => {
    const back = GatewayToolChanged(as('reads', 3))
    given(gatewayToolDecider, trusted, changed).when(seen('reads', 3)).records(back)
  })

  test('has an id of its own for each resource and name', () => {
    const ids = [
      gatewayToolId('a', 'b'),
      gatewayToolId('b', 'a'),
      gatewayToolId('a","b', ''),
      gatewayToolId('', 'a","b'),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('an approval', () => {
  test('is for what was seen last', () => {
    given(gatewayToolDecider, waiting).when(approve('reads', 2)).records(approved('reads', 2))
    given(gatewayToolDecider, trusted, changed)
      .when(approve('reads and sends', 3))
      .records(approved('reads and sends', 3))
  })

  test('of what was looked at before it changed again is refused', () => {
    given(gatewayToolDecider, trusted, changed).when(approve('reads', 3)).refuses('tool_changed')
    given(gatewayToolDecider, trusted, changed)
      .when(approve('something else', 3))
      .refuses('tool_changed')
  })

  test('comes once', () => {
    given(gatewayToolDecider, trusted).when(approve('reads', 2)).refuses('already_approved')
    given(gatewayToolDecider, waiting, approved('reads', 2))
      .when(approve('reads', 3))
      .refuses('already_approved')
  })

  test('of a tool that nobody saw is refused', () => {
    given(gatewayToolDecider).when(approve('reads', 1)).refuses('tool_unknown')
  })
})
