/** A signing key goes one way, one step at a time: published, active, retired, withdrawn. */
import {
  SigningKeyActivated,
  SigningKeyPublished,
  SigningKeyRetired,
  SigningKeyWithdrawn,
  signingAlgorithms,
  signingKeyDecider,
} from '../../src/domain/signing-key.ts'
import { given, typeOf } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const keyId = 'key_1'
const key = {
  keyId,
  algorithm: 'ES256' as const,
  publicJwk: { kty: 'EC', crv: 'P-256', x: 'eA', y: 'eQ' },
  secretId: 'sec_1',
  at: 1000,
}
const published = SigningKeyPublished(key)
const activated = SigningKeyActivated({ keyId, at: 2000 })
const retired = SigningKeyRetired({ keyId, at: 3000 })
const withdrawn = SigningKeyWithdrawn({ keyId, at: 4000 })

const publish = { kind: 'publish', key } as const
const activate = { kind: 'activate', keyId, now: 2000 } as const
const retire = { kind: 'retire', keyId, now: 3000 } as const
const withdraw = { kind: 'withdraw', keyId, now: 4000 } as const

describe('a key nobody has heard of', () => {
  test('can be published', () => {
    given(signingKeyDecider).when(publish).records(published)
  })

  for (const command of [activate, retire, withdraw]) {
    test(`cannot ${command.kind}`, () => {
      given(signingKeyDecider).when(command).refuses('key_unknown')
    })
  }
})

describe('a published key', () => {
  test('cannot be published again', () => {
    given(signingKeyDecider, published).when(publish).refuses('key_exists')
  })

  test('can start to sign', () => {
    given(signingKeyDecider, published).when(activate).records(activated)
  })

  test('cannot retire before it has signed', () => {
    given(signingKeyDecider, published).when(retire).refuses('key_not_active')
  })

  test('cannot be withdrawn before it has retired', () => {
    given(signingKeyDecider, published).when(withdraw).refuses('key_not_retired')
  })
})

describe('an active key', () => {
  const history = [published, activated] as const

  test('cannot be published again', () => {
    given(signingKeyDecider, ...history)
      .when(publish)
      .refuses('key_exists')
  })

  test('cannot be activated again', () => {
    given(signingKeyDecider, ...history)
      .when(activate)
      .refuses('key_not_published')
  })

  test('can retire: it signs no more, and stays published', () => {
    given(signingKeyDecider, ...history)
      .when(retire)
      .records(retired)
  })

  test('cannot be withdrawn while tokens are signed with it', () => {
    given(signingKeyDecider, ...history)
      .when(withdraw)
      .refuses('key_not_retired')
  })
})

describe('a retired key', () => {
  const history = [published, activated, retired] as const

  test('cannot be published again', () => {
    given(signingKeyDecider, ...history)
      .when(publish)
      .refuses('key_exists')
  })

  test('cannot sign again', () => {
    given(signingKeyDecider, ...history)
      .when(activate)
      .refuses('key_not_published')
  })

  test('cannot retire twice', () => {
    given(signingKeyDecider, ...history)
      .when(retire)
      .refuses('key_not_active')
  })

  test('can be withdrawn', () => {
    given(signingKeyDecider, ...history)
      .when(withdraw)
      .records(withdrawn)
  })
})

describe('a withdrawn key', () => {
  const history = [published, activated, retired, withdrawn] as const

  test('cannot be published again', () => {
    given(signingKeyDecider, ...history)
      .when(publish)
      .refuses('key_exists')
  })

  test('cannot sign again', () => {
    given(signingKeyDecider, ...history)
      .when(activate)
      .refuses('key_not_published')
  })

  test('cannot retire again', () => {
    given(signingKeyDecider, ...history)
      .when(retire)
      .refuses('key_not_active')
  })

  test('cannot be withdrawn twice', () => {
    given(signingKeyDecider, ...history)
      .when(withdraw)
      .refuses('key_not_retired')
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
