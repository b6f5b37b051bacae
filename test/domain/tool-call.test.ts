/** A call of a tool elsewhere is made once and ends once, or is refused. */

import { sha256 } from '../../src/domain/keyring.ts'
import {
  ToolCallEnded,
  ToolCallMade,
  ToolCallRefused,
  toolCallDecider,
} from '../../src/domain/tool-call.ts'
import { given } from '../support/given.ts'
import { describe, test } from '../support/test.ts'

const asked = {
  callId: 'call_1',
  resource: 'https://auth.example.com/mcp/notes',
  tool: 'delete_note',
  sub: 'usr_1',
  userId: 'usr_1',
  clientId: 'dcr_1',
  grantId: 'grt_1',
  accessTokenHash: sha256('a token'),
  argumentsHash: sha256('{}'),
  at: 1,
}
const call = { ...asked, definitionHash: sha256('it deletes'), arguments: '{}' }
const made = ToolCallMade(call)
const refusedCall = { ...asked, reason: 'scope_missing' } as const
const refused = ToolCallRefused(refusedCall)
const ended = ToolCallEnded({ callId: 'call_1', outcome: 'ok', durationMs: 5, at: 2 })
const end = { kind: 'end', outcome: 'ok', durationMs: 5, now: 2 } as const

describe('a call', () => {
  test('is made, and ends', () => {
    given(toolCallDecider).when({ kind: 'make', call }).records(made)
    given(toolCallDecider, made).when(end).records(ended)
  })

  test('may be refused', () => {
    given(toolCallDecider).when({ kind: 'refuse', call: refusedCall }).records(refused)
  })

  test('is made once', () => {
    for (const before of [[made], [refused], [made, ended]]) {
      given(toolCallDecider, ...before)
        .when({ kind: 'make', call })
        .refuses('call_exists')
      given(toolCallDecider, ...before)
        .when({ kind: 'refuse', call: refusedCall })
        .refuses('call_exists')
    }
  })

  test('ends once, and not before it was made', () => {
    for (const before of [[], [refused], [made, ended]]) {
      given(toolCallDecider, ...before)
        .when(end)
        .refuses('call_not_open')
    }
  })
})
