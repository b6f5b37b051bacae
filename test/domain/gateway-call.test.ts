/** A call of a tool elsewhere is made once and ends once, or is refused. */
import {
  GatewayCallEnded,
  GatewayCallMade,
  GatewayCallRefused,
  gatewayCallDecider,
} from '../../src/domain/gateway-call.ts'
import { sha256 } from '../../src/domain/keyring.ts'
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
const made = GatewayCallMade(call)
const refusedCall = { ...asked, reason: 'scope_missing' } as const
const refused = GatewayCallRefused(refusedCall)
const ended = GatewayCallEnded({ callId: 'call_1', outcome: 'ok', durationMs: 5, at: 2 })
const end = { kind: 'end', outcome: 'ok', durationMs: 5, now: 2 } as const

describe('a call', () => {
  test('is made, and ends', () => {
    given(gatewayCallDecider).when({ kind: 'make', call }).records(made)
    given(gatewayCallDecider, made).when(end).records(ended)
  })

  test('may be refused', () => {
    given(gatewayCallDecider).when({ kind: 'refuse', call: refusedCall }).records(refused)
  })

  test('is made once', () => {
    for (const before of [[made], [refused], [made, ended]]) {
      given(gatewayCallDecider, ...before)
        .when({ kind: 'make', call })
        .refuses('call_exists')
      given(gatewayCallDecider, ...before)
        .when({ kind: 'refuse', call: refusedCall })
        .refuses('call_exists')
    }
  })

  test('ends once, and not before it was made', () => {
    for (const before of [[], [refused], [made, ended]]) {
      given(gatewayCallDecider, ...before)
        .when(end)
        .refuses('call_not_open')
    }
  })
})
