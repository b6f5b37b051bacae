/** A signing key goes one way, one step at a time: published, active, retired, withdrawn. */
import {
  dueKeySteps,
  SigningKeyActivated,
  type SigningKeyEvent,
  SigningKeyPublished,
  SigningKeyRetired,
  SigningKeyWithdrawn,
  signingAlgorithms,
  signingKeyDecider,
} from '../../src/domain/signing-key.ts'
import { fold, given, typeOf } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

function newKey(keyId: string, at = 1000) {
  const publicJwk = { kty: 'EC', crv: 'P-256', x: 'eA', y: 'eQ' }
  return { keyId, algorithm: 'ES256' as const, publicJwk, secretId: `secret of ${keyId}`, at }
}

const keyId = 'key_1'
const key = newKey(keyId)
const published = SigningKeyPublished(key)
const activated = SigningKeyActivated({ keyId, at: 2000 })
const next = newKey('key_2', 3000)
const nextPublished = SigningKeyPublished(next)
const retired = SigningKeyRetired({ keyId, at: 4000 })
const nextActivated = SigningKeyActivated({ keyId: 'key_2', at: 4000 })
const withdrawn = SigningKeyWithdrawn({ keyId, reason: 'expired', at: 5000 })

const publish = { kind: 'publish', key } as const
const activate = { kind: 'activate', keyId, now: 2000 } as const
const withdraw = { kind: 'withdraw', keyId, now: 5000 } as const

describe('a key nobody has heard of', () => {
  test('can be published', () => {
    given(signingKeyDecider).when(publish).records(published)
  })

  for (const command of [activate, withdraw]) {
    test(`cannot ${command.kind}`, () => {
      given(signingKeyDecider).when(command).refuses('key_unknown')
    })
  }
})

describe('a published key', () => {
  test('cannot be published again', () => {
    given(signingKeyDecider, published).when(publish).refuses('key_exists')
  })

  test('is the only one that waits', () => {
    given(signingKeyDecider, published)
      .when({ kind: 'publish', key: next })
      .refuses('next_key_exists')
  })

  test('can start to sign', () => {
    given(signingKeyDecider, published).when(activate).records(activated)
  })

  test('cannot be withdrawn before it has retired', () => {
    given(signingKeyDecider, published).when(withdraw).refuses('key_not_retired')
  })
})

describe('an active key', () => {
  const history = [published, activated, nextPublished] as const

  test('cannot be activated again', () => {
    given(signingKeyDecider, ...history)
      .when(activate)
      .refuses('key_not_published')
  })

  test('retires in the moment in which the next one starts to sign', () => {
    given(signingKeyDecider, ...history)
      .when({ kind: 'activate', keyId: 'key_2', now: 4000 })
      .records(retired, nextActivated)
  })

  test('cannot be withdrawn while tokens are signed with it', () => {
    given(signingKeyDecider, ...history)
      .when(withdraw)
      .refuses('key_not_retired')
  })
})

describe('a retired key', () => {
  const history = [published, activated, nextPublished, retired, nextActivated] as const

  test('cannot sign again', () => {
    given(signingKeyDecider, ...history)
      .when(activate)
      .refuses('key_not_published')
  })

  test('can be withdrawn', () => {
    given(signingKeyDecider, ...history)
      .when(withdraw)
      .records(withdrawn)
  })

  test('cannot be withdrawn twice', () => {
    given(signingKeyDecider, ...history, withdrawn)
      .when(withdraw)
      .refuses('key_unknown')
  })
})

describe('when keys are not to be trusted any more', () => {
  const fresh = newKey('key_3', 6000)
  const replaceAll = { kind: 'replace all', key: fresh } as const
  const freshSigns = [
    SigningKeyPublished(fresh),
    SigningKeyActivated({ keyId: 'key_3', at: 6000 }),
  ] as const
  const compromised = (id: string) =>
    SigningKeyWithdrawn({ keyId: id, reason: 'compromised', at: 6000 })

  test('all go, also the one that waits, and a new one signs at once', () => {
    given(signingKeyDecider, published, activated, nextPublished)
      .when(replaceAll)
      .records(compromised(keyId), compromised('key_2'), ...freshSigns)
  })

  test('a retired one goes too: what it signed could still be forged', () => {
    given(signingKeyDecider, published, activated, nextPublished, retired, nextActivated)
      .when(replaceAll)
      .records(compromised(keyId), compromised('key_2'), ...freshSigns)
  })

  test('none of them takes its own place', () => {
    given(signingKeyDecider, published, activated)
      .when({ kind: 'replace all', key })
      .refuses('key_exists')
  })
})

describe('the schedule', () => {
  const schedule = { rotateAfterMs: 1000, publishAheadMs: 100, keepMs: 50 }
  const due = (now: number, ...events: SigningKeyEvent[]) =>
    dueKeySteps(fold(signingKeyDecider, events), { now, schedule })

  test('asks for nothing where there is no key yet: the first is made when it is needed', () => {
    expect(due(1e12)).toEqual({ publish: false, activate: undefined, withdraw: [] })
  })

  test('publishes the next key ahead of its time, to the millisecond', () => {
    const history = [published, activated]
    expect(due(2899, ...history).publish).toBe(false)
    expect(due(2900, ...history).publish).toBe(true)
  })

  test('activates it once everybody has it, however late it was published', () => {
    const history = [published, activated, nextPublished]
    expect(due(3099, ...history).activate).toBe(undefined)
    expect(due(3100, ...history).activate?.keyId).toBe('key_2')
    expect(due(9e9, ...history).publish).toBe(false)
  })

  test('withdraws the old one when the last token of it has expired', () => {
    const history = [published, activated, nextPublished, retired, nextActivated]
    expect(due(4049, ...history).withdraw).toEqual([])
    expect(due(4050, ...history).withdraw.map((held) => held.keyId)).toEqual([keyId])
  })
})

describe('a published JWK (RFC 7517)', () => {
  for (const algorithm of signingAlgorithms) {
    test(`may be for ${algorithm}`, () => {
      given(signingKeyDecider)
        .when({ kind: 'publish', key: { ...key, algorithm } })
        .records(SigningKeyPublished({ ...key, algorithm }))
    })
  }

  // RFC 7518 §6.2.2 and §6.3.2 name the private members.
  for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
    test(`can never hold the private member "${member}"`, () => {
      const publicJwk = { ...key.publicJwk, [member]: 'c2VjcmV0' }
      expect(typeOf(published).check({ ...key, publicJwk })).toBe(false)
    })
  }
})
